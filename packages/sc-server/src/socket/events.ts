import type { AppShape } from 'sc-protocol';
import type { AuthToken } from '../auth/tokens.js';

/** What happens in the life of a socket. A client cannot cause these by sending an event of the same name. */
export type SocketEvents<App extends AppShape = AppShape> = {
  /** The socket is closed. */
  disconnect: [code: number, reason: string];
  /** The client subscribed to a channel, or left it for whatever reason. */
  subscribe: [channel: string];
  unsubscribe: [channel: string];
  authenticate: [authToken: AuthToken<App>];
  deauthenticate: [oldAuthToken: AuthToken<App>];
  authStateChange: [change: AuthStateChange<App>];
  /** The client presented a token that is worth nothing. */
  badAuthToken: [error: unknown, signedAuthToken: unknown];
  /** Every message of the client as it came. */
  message: [message: string | Uint8Array];
  /** Data of the client that is no frame of the protocol. */
  raw: [value: unknown];
};

export interface AuthStateChange<App extends AppShape = AppShape> {
  readonly oldState: 'authenticated' | 'unauthenticated';
  readonly newState: 'authenticated' | 'unauthenticated';
  readonly authToken: AuthToken<App> | null;
}

/** Names that belong to the library on one end or the other, and are never an application's event. */
const reserved: ReadonlySet<string> = new Set([
  'error',
  'open',
  'close',
  'connect',
  'connectAbort',
  'ready',
  'kickOut',
  'subscribeFail',
  'subscribeStateChange',
]);

const lifecycle: ReadonlySet<string> = new Set<keyof SocketEvents>([
  'disconnect',
  'subscribe',
  'unsubscribe',
  'authenticate',
  'deauthenticate',
  'authStateChange',
  'badAuthToken',
  'message',
  'raw',
]);

export function isLifecycleEvent(name: string): name is keyof SocketEvents {
  return lifecycle.has(name);
}

/** Whether a client may not use the name for an event of its own. */
export function isReservedEvent(name: string): boolean {
  return lifecycle.has(name) || reserved.has(name);
}
