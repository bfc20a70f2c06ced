/**
 * The frame model: everything either end may say, as two closed unions. PROTOCOL.md has a heading for each frame.
 * How a frame is spelled on the wire is the business of `dialects/`.
 */

/** Identifies a call within one direction of one socket. Whole, not negative, chosen by the caller. */
export type CallId = number;

/** What a client announces about itself in its handshake. */
export interface ClientInfo {
  readonly name: string;
  readonly version: string;
}

/** One channel that a client asks for. */
export interface SubscribeRequest {
  readonly channel: string;
  /** Wait for a valid auth token; without one the subscription stays pending on the client. */
  readonly waitForAuth: boolean;
  /** Anything the subscribe middleware should see. */
  readonly data?: unknown;
  /** The client takes its acks in batches. */
  readonly batch?: boolean;
}

/** How long clients of generation B6 keep a token in its cookie: for the browser's session unless it says otherwise. */
export interface TokenCookie {
  readonly persistent: true;
  readonly expiresInMinutes: number;
}

export interface HandshakeFrame {
  readonly type: 'handshake';
  readonly callId: CallId;
  /** The signed auth token the client holds, or `null`. Not yet checked to be a string. */
  readonly authToken: unknown;
  readonly client?: ClientInfo;
  /** Features the client can use; the server answers with those both have. */
  readonly features: readonly string[];
}

export interface AuthenticateFrame {
  readonly type: 'authenticate';
  readonly callId: CallId | undefined;
  readonly authToken: unknown;
}

export interface DeauthenticateFrame {
  readonly type: 'deauthenticate';
  readonly callId: CallId | undefined;
}

export interface SubscribeFrame {
  readonly type: 'subscribe';
  readonly callId: CallId | undefined;
  readonly subscriptions: readonly SubscribeRequest[];
}

export interface UnsubscribeFrame {
  readonly type: 'unsubscribe';
  readonly callId: CallId | undefined;
  readonly channels: readonly string[];
}

/** Client to server: publish this. */
export interface PublishFrame {
  readonly type: 'publish';
  readonly callId: CallId | undefined;
  readonly channel: string;
  readonly data: unknown;
}

/** Server to client: this was published to a channel you are subscribed to. */
export interface PublicationFrame {
  readonly type: 'publication';
  readonly channel: string;
  readonly data: unknown;
}

export interface EventFrame {
  readonly type: 'event';
  readonly name: string;
  readonly data: unknown;
  /** Present when an answer is wanted. */
  readonly callId: CallId | undefined;
}

export interface ResponseFrame {
  readonly type: 'response';
  readonly responseId: CallId;
  readonly data?: unknown;
  /** In wire form (see `dehydrateError`); absent or `null` means success. */
  readonly error?: unknown;
}

export interface KickOutFrame {
  readonly type: 'kickOut';
  readonly channel: string;
  readonly message: string;
  /**
   * The subscription ended only because the socket has no valid auth token now: the client should keep it pending and
   * subscribe again after the next authentication. Absent for a final kick-out.
   */
  readonly waitForAuth?: true;
}

export interface SetAuthTokenFrame {
  readonly type: 'setAuthToken';
  readonly authToken: string;
  /** Present when the server waits until the client has stored the token. */
  readonly callId: CallId | undefined;
  /** Said in dialect `b6` only. */
  readonly cookie?: TokenCookie;
}

export interface RemoveAuthTokenFrame {
  readonly type: 'removeAuthToken';
  readonly callId: CallId | undefined;
}

/** An intentional end, said before the WebSocket closes. Only clients older than protocol v2 send or need it. */
export interface DisconnectFrame {
  readonly type: 'disconnect';
  readonly code: number;
  readonly reason: string;
}

export interface PingFrame {
  readonly type: 'ping';
}

export interface PongFrame {
  readonly type: 'pong';
}

/** Well-formed data that is no frame of ours: handed to the application as a `raw` event. */
export interface RawFrame {
  readonly type: 'raw';
  readonly value: unknown;
}

/** What a client may say. */
export type ClientFrame =
  | HandshakeFrame
  | AuthenticateFrame
  | DeauthenticateFrame
  | SubscribeFrame
  | UnsubscribeFrame
  | PublishFrame
  | EventFrame
  | ResponseFrame
  | DisconnectFrame
  | PongFrame
  | RawFrame;

/** What a server may say. */
export type ServerFrame =
  | PublicationFrame
  | KickOutFrame
  | SetAuthTokenFrame
  | RemoveAuthTokenFrame
  | EventFrame
  | ResponseFrame
  | DisconnectFrame
  | PingFrame
  | RawFrame;

/** The server's answer to a handshake: the `data` of its response. */
export interface HandshakeStatus {
  readonly id: string;
  readonly isAuthenticated: boolean;
  /** Milliseconds without a ping after which the client should give the socket up. */
  readonly pingTimeout: number;
  /** Why the token that was sent is not valid, in wire form. */
  readonly authError?: unknown;
  /** The features both ends have; absent for clients that announced none. */
  readonly features?: readonly string[];
  /**
   * The server's clock, milliseconds since 1970, so that a client whose own clock is wrong renews its token in time.
   * Only for clients that announced themselves.
   */
  readonly serverTime?: number;
  /**
   * Longest message that the server takes, in bytes, so that a client can refuse a longer one with an error instead of losing
   * its connection. Only for clients that announced themselves.
   */
  readonly maxPayloadBytes?: number;
  /**
   * Claims of the token that authenticated the socket when the client does not hold it: it was in a cookie that pages
   * cannot read. The token itself is never sent. Only for clients that announced themselves.
   */
  readonly authToken?: Readonly<Record<string, unknown>>;
}
