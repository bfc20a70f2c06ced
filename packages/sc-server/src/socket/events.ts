import { clientSocketEvents, serverSocketEvents, type AppShape } from 'sc-protocol';
import type { AuthToken } from '../auth/tokens.js';

/** Lifecycle events of a socket. A client cannot trigger these by sending an event of the same name. */
export type SocketEvents<App extends AppShape = AppShape> = {
  /** The socket is closed. */
  disconnect: [code: number, reason: string];
  /** The client subscribed to a channel, or left it for whatever reason. */
  subscribe: [channel: string];
  /** A subscription of the client has ended, for any reason. */
  unsubscribe: [channel: string];
  /** The socket has received an auth token. */
  authenticate: [authToken: AuthToken<App>];
  /** The socket has lost its auth token. */
  deauthenticate: [oldAuthToken: AuthToken<App>];
  /** The socket has become authenticated or unauthenticated. */
  authStateChange: [change: AuthStateChange<App>];
  /** The client presented a token that is worth nothing. */
  badAuthToken: [error: unknown, signedAuthToken: unknown];
  /** Every message of the client as it came. */
  message: [message: string | Uint8Array];
  /** Data of the client that is no frame of the protocol. */
  raw: [value: unknown];
};

/** Details of the event `authStateChange`. */
export interface AuthStateChange<App extends AppShape = AppShape> {
  /** The state before the change. */
  readonly oldState: 'authenticated' | 'unauthenticated';
  /** The state after the change. */
  readonly newState: 'authenticated' | 'unauthenticated';
  /** The claims of the current token. */
  readonly authToken: AuthToken<App> | null;
}

const lifecycle: ReadonlySet<string> = new Set<keyof SocketEvents>(serverSocketEvents);
const reserved: ReadonlySet<string> = new Set<string>([...clientSocketEvents, ...serverSocketEvents, 'open']);

/** Where to listen instead, by names of events that other sockets have and sockets of a server do not. */
const insteadOf: Readonly<Record<string, string>> = {
  open: "use scServer.on('connection')",
  connect: "use scServer.on('connection')",
  ready: "use scServer.on('connection')",
  close: "use 'disconnect'",
  connectAbort: "use scServer.on('disconnection')",
  error: 'errors of handlers and listeners go to the log',
  kickOut: "use 'unsubscribe'",
  subscribeFail: "use the middleware line 'subscribe'",
  subscribeStateChange: "use 'subscribe' and 'unsubscribe'",
  authTokenExpire: "use 'deauthenticate'",
};

export function isLifecycleEvent(name: string): name is keyof SocketEvents {
  return lifecycle.has(name);
}

/** Whether a client may not use the name for an event of its own. Hot path. */
export function isReservedEvent(name: string): boolean {
  return reserved.has(name);
}

/** Why nothing can ever raise an event of this name on a socket of a server, or `undefined` when a client can. */
export function deadEventProblem(name: string): string | undefined {
  if (!reserved.has(name)) return undefined;
  const instead = insteadOf[name];
  return `must not be "${name}", which is reserved and never raised here${instead === undefined ? '' : `: ${instead}`}`;
}
