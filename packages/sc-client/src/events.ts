import type { ChannelState, SubscribeStatus } from 'sc-channel';
import { type WireMessage, clientSocketEvents } from 'sc-protocol';
import type { AuthState } from './auth-state.js';

/** Details known once the handshake is complete. */
export interface SocketStatus {
  /** The server's id of this socket; a new one for each connection. */
  readonly id: string;
  /** Whether the server accepted an auth token. */
  readonly isAuthenticated: boolean;
  /** Why the token that was sent is not valid. */
  readonly authError?: Error;
  /** Milliseconds without a ping after which the client closes the connection. */
  readonly pingTimeout: number;
  /** The server's clock at the handshake, in milliseconds since 1970. */
  readonly serverTime?: number | undefined;
  /** Longest message that the server accepts, in bytes. */
  readonly maxPayloadBytes?: number | undefined;
  /** The announced features that the server supports. */
  readonly features?: readonly string[] | undefined;
  /** The claims of a token in a cookie that the page cannot read. */
  readonly authToken?: Readonly<Record<string, unknown>> | undefined;
}

/** Details of the event `authStateChange`. */
export interface AuthStateChange {
  /** The state before the change. */
  readonly oldAuthState: AuthState;
  /** The state after the change. */
  readonly newAuthState: AuthState;
  /** The signed auth token, if the client holds one. */
  readonly signedAuthToken: string | null;
  /** The claims of the token, not verified. */
  readonly authToken: Readonly<Record<string, unknown>> | null;
}

/** Details of the event `subscribeStateChange`. */
export interface SubscribeStateChange {
  /** Name of the channel. */
  readonly channel: string;
  /** The state before the change. */
  readonly oldState: ChannelState;
  /** The state after the change. */
  readonly newState: ChannelState;
}

/** Events of a socket. Servers cannot emit these: events of the server use separate listeners. */
export interface SocketEvents {
  /** The handshake is complete. Emitted for each connection, before `connect`. */
  ready: [status: SocketStatus];
  /** Same as `ready`, under the name of the original. */
  connect: [status: SocketStatus];
  /** A connection attempt ended before its handshake was complete. */
  connectAbort: [code: number, reason: string, error?: unknown];
  /** An open connection ended. */
  disconnect: [code: number, reason: string];
  /** Emitted after each `connectAbort` and `disconnect`. */
  close: [code: number, reason: string];
  /** An error that belongs to no call. Thrown in a microtask if there is no listener. */
  error: [error: unknown];
  /** The socket has been authenticated; `null` for a token in a cookie that the page cannot read. */
  authenticate: [signedAuthToken: string | null];
  /** The client no longer has a token. */
  deauthenticate: [oldSignedAuthToken: string | null];
  /** The socket has become authenticated or unauthenticated. */
  authStateChange: [change: AuthStateChange];
  /** The token has expired by the server's clock. */
  authTokenExpire: [signedAuthToken: string];
  /**
   * The server has accepted a subscription. Emitted again after each reconnect, and when a stream was lost meanwhile.
   */
  subscribe: [channel: string, status: SubscribeStatus];
  /** The server has refused a subscription permanently. */
  subscribeFail: [error: unknown, channel: string];
  /** The state of a channel has changed. */
  subscribeStateChange: [change: SubscribeStateChange];
  /** A subscription has ended. */
  unsubscribe: [channel: string];
  /** The server has ended a subscription. */
  kickOut: [message: string, channel: string];
  /** Every WebSocket message except pings, as received. */
  message: [data: WireMessage];
  /** Well-formed data that is not a frame, or an event under one of the names above. */
  raw: [value: unknown];
}

const names: ReadonlySet<string> = /* @__PURE__ */ new Set<keyof SocketEvents>(clientSocketEvents);

export function isSocketEvent(name: string): name is keyof SocketEvents {
  return names.has(name);
}
