import { clientSocketEvents, serverSocketEvents, type AppShape } from 'sc-protocol';
import type { AuthToken } from '../auth/tokens.js';

/** Lifecycle events of a socket. A client cannot trigger these by sending an event of the same name. */
export type SocketEvents<App extends AppShape = AppShape> = {
  /** The socket is closed. */
  disconnect: [code: number, reason: string];
  /** The client has subscribed to a channel. */
  subscribe: [channel: string];
  /** A subscription of the client has ended, for any reason. */
  unsubscribe: [channel: string];
  /** The socket has received an auth token. */
  authenticate: [authToken: AuthToken<App>];
  /** The socket has lost its auth token. */
  deauthenticate: [oldAuthToken: AuthToken<App>];
  /** The socket has become authenticated or unauthenticated. */
  authStateChange: [change: AuthStateChange<App>];
  /** The client presented an invalid token. */
  badAuthToken: [error: unknown, signedAuthToken: unknown];
  /** A message of the client, before decoding. */
  message: [message: string | Uint8Array];
  /** Data from the client that is not a protocol frame. */
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

/** Remedies for events that exist on other sockets but not on server sockets, by event name. */
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

/** Whether the name is reserved, so clients may not emit it. Hot path. */
export function isReservedEvent(name: string): boolean {
  return reserved.has(name);
}

/** Why an event of this name can never occur on a server socket; `undefined` if a client can emit it. */
export function deadEventProblem(name: string): string | undefined {
  if (!reserved.has(name)) return undefined;
  const instead = insteadOf[name];
  return `must not be "${name}", which is reserved and never raised here${instead === undefined ? '' : `: ${instead}`}`;
}
