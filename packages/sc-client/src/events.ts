import type { ChannelState } from 'sc-channel';
import { type WireMessage, requireName } from 'sc-protocol';
import type { AuthState } from './auth-state.js';

/** What is known when the handshake is done. */
export interface SocketStatus {
  /** The server's id of this socket; a new one for each connection. */
  readonly id: string;
  readonly isAuthenticated: boolean;
  /** Why the token that was sent is not valid. */
  readonly authError?: Error;
  /** Milliseconds without a ping after which the client gives the connection up. */
  readonly pingTimeout: number;
  /** The server's clock at the handshake, in milliseconds since 1970. */
  readonly serverTime?: number | undefined;
  /** Longest message that the server takes. */
  readonly maxPayloadBytes?: number | undefined;
  /** The claims of a token in a cookie that the page cannot read. */
  readonly authToken?: Readonly<Record<string, unknown>> | undefined;
}

export interface AuthStateChange {
  readonly oldAuthState: AuthState;
  readonly newAuthState: AuthState;
  readonly signedAuthToken: string | null;
  readonly authToken: Readonly<Record<string, unknown>> | null;
}

export interface SubscribeStateChange {
  readonly channel: string;
  readonly oldState: ChannelState;
  readonly newState: ChannelState;
}

/** What a socket tells about itself. Servers cannot raise these: their events have other listeners. */
export interface SocketEvents {
  /** The handshake is done; comes with each connection, before `connect`. */
  ready: [status: SocketStatus];
  connect: [status: SocketStatus];
  /** An attempt to connect ended before its handshake was done. */
  connectAbort: [code: number, reason: string, error?: unknown];
  /** An open connection ended. */
  disconnect: [code: number, reason: string];
  /** Follows each `connectAbort` and `disconnect`. */
  close: [code: number, reason: string];
  /** Something failed that no call can be told. Thrown in a microtask when nobody listens. */
  error: [error: unknown];
  /** `null` for a token in a cookie that the page cannot read. */
  authenticate: [signedAuthToken: string | null];
  deauthenticate: [oldSignedAuthToken: string | null];
  authStateChange: [change: AuthStateChange];
  /** The token's time is over by the server's clock. */
  authTokenExpire: [signedAuthToken: string];
  subscribe: [channel: string];
  subscribeFail: [error: unknown, channel: string];
  subscribeStateChange: [change: SubscribeStateChange];
  unsubscribe: [channel: string];
  kickOut: [message: string, channel: string];
  /** Every WebSocket message but pings, as it came. */
  message: [data: WireMessage];
  /** Well-formed data that is no frame, or an event under one of the names above. */
  raw: [value: unknown];
}

/** Names of the events above, each as the type of this object makes sure. */
const names: Readonly<Record<keyof SocketEvents, 1>> = {
  ready: 1,
  connect: 1,
  connectAbort: 1,
  disconnect: 1,
  close: 1,
  error: 1,
  authenticate: 1,
  deauthenticate: 1,
  authStateChange: 1,
  authTokenExpire: 1,
  subscribe: 1,
  subscribeFail: 1,
  subscribeStateChange: 1,
  unsubscribe: 1,
  kickOut: 1,
  message: 1,
  raw: 1,
};

export function isSocketEvent(name: string): name is keyof SocketEvents {
  return Object.hasOwn(names, name);
}

/** Throws `InvalidArgumentsError` for a name that no event of an application can have. */
export function checkEventName(name: string): void {
  const isReserved = isSocketEvent(name) || /^#/.test(name);
  requireName('An event name', name, isReserved ? `must not be "${name}": it is reserved` : undefined);
}
