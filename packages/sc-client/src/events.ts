import type { ChannelState } from 'sc-channel';
import { type WireMessage, clientSocketEvents, isReservedEvent, requireName } from 'sc-protocol';
import type { AuthState } from './auth-state.js';

/** Details that are known when the handshake is complete. */
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

/** Events of a socket. Servers cannot emit these: events of the server use separate listeners. */
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

const names: ReadonlySet<string> = /* @__PURE__ */ new Set<keyof SocketEvents>(clientSocketEvents);

export function isSocketEvent(name: string): name is keyof SocketEvents {
  return names.has(name);
}

/** Throws `InvalidArgumentsError` for a name that no event of an application can have. */
export function checkEventName(name: string): void {
  requireName('An event name', name, isReservedEvent(name) ? `must not be "${name}": it is reserved` : undefined);
}
