/**
 * The frame model: all frames of either end, as two closed unions. PROTOCOL.md has a heading for each frame.
 * `dialects/` defines how a frame is encoded on the wire.
 */

/** Identifies a call within one direction of one socket. A non-negative integer, chosen by the caller. */
export type CallId = number;

/** Information that a client announces about itself in its handshake. */
export interface ClientInfo {
  /** Name of the client library. */
  readonly name: string;
  /** Version of the client library. */
  readonly version: string;
}

/** A point in a channel's stream: the offset of a publication and the epoch of that offset. */
export interface Position {
  /** Identifies one life of a stream. */
  readonly epoch: string;
  /** Number of a publication within the epoch, starting at 1; 0 is before the first. */
  readonly offset: number;
}

/**
 * Why publications after a client's position cannot be recovered. `epoch`: the stream was replaced, or there is none.
 * `forked`: a crash lost publications that the client received. `ahead`: the position is beyond the stream. `trimmed`:
 * they are no longer kept. `tooMuch`: they exceed the limits of one recovery, or took too long.
 */
export type GapReason = 'epoch' | 'forked' | 'ahead' | 'trimmed' | 'tooMuch';

/** Past publications that a first subscription starts with: at most so many, or those of so many milliseconds. */
export type Rewind = number | { readonly count?: number; readonly ms?: number };

/** One channel that a client subscribes to. */
export interface SubscribeRequest {
  /** Channel to subscribe to. */
  readonly channel: string;
  /** Wait for a valid auth token; without one the subscription stays pending on the client. */
  readonly waitForAuth: boolean;
  /** Arbitrary data for the subscribe middleware. */
  readonly data?: unknown;
  /** The client accepts acks in batches. */
  readonly batch?: boolean;
  /** The client's last position: it requests the publications since. */
  readonly since?: Position;
  /** The range of past publications that a client without a position requests. */
  readonly rewind?: Rewind;
  /** Makes the client's user a member of the channel, with the info that other members see (feature `presence`). */
  readonly join?: true | { readonly info?: unknown };
  /** The client requests the members of the channel and their changes, or only their number. */
  readonly members?: true | 'count';
}

/**
 * The ack for a subscription of a client with the feature `position`, where the channel keeps history: the `data` of
 * its response. Past publications up to `offset` follow it, then live ones.
 */
export interface SubscribeAck extends Position {
  /** Whether all publications since the client's position follow. Only for a request with `since`. */
  readonly recovered?: boolean;
  /** Cause of a failed recovery. */
  readonly reason?: GapReason;
  /** Number of past publications that follow, if any. */
  readonly missed?: number;
}

/** Lifetime of the token cookie in generation B6. Without it, the cookie lasts for the browser session. */
export interface TokenCookie {
  /** The cookie outlives the browser. */
  readonly persistent: true;
  /** Lifetime of the cookie, in minutes. */
  readonly expiresInMinutes: number;
}

/** The first frame of a client. */
export interface HandshakeFrame {
  /** Discriminant. */
  readonly type: 'handshake';
  /** Call id; a handshake always expects a response. */
  readonly callId: CallId;
  /** The client's signed auth token, or `null`. Not yet checked to be a string. */
  readonly authToken: unknown;
  /** Announcement of the client, if it sent one. */
  readonly client?: ClientInfo;
  /** Features that the client supports; the server responds with those that both support. */
  readonly features: readonly string[];
  /** Identifies the client as a publisher that numbers its publications (feature `dedupe`). A secret of the client. */
  readonly publisher?: string;
}

/** Presents an auth token after the handshake. */
export interface AuthenticateFrame {
  /** Discriminant. */
  readonly type: 'authenticate';
  /** Call id, if a response is expected. */
  readonly callId: CallId | undefined;
  /** The signed auth token, not verified. */
  readonly authToken: unknown;
}

/** Removes the auth token of the socket. */
export interface DeauthenticateFrame {
  /** Discriminant. */
  readonly type: 'deauthenticate';
  /** Call id, if a response is expected. */
  readonly callId: CallId | undefined;
}

/** Requests subscriptions. */
export interface SubscribeFrame {
  /** Discriminant. */
  readonly type: 'subscribe';
  /** Call id, if a response is expected. */
  readonly callId: CallId | undefined;
  /** The requested channels. */
  readonly subscriptions: readonly SubscribeRequest[];
}

/** Ends subscriptions. */
export interface UnsubscribeFrame {
  /** Discriminant. */
  readonly type: 'unsubscribe';
  /** Call id, if a response is expected. */
  readonly callId: CallId | undefined;
  /** Channels to unsubscribe from. */
  readonly channels: readonly string[];
}

/** Client to server: publishes data to a channel. */
export interface PublishFrame {
  /** Discriminant. */
  readonly type: 'publish';
  /** Call id, if an ack is expected. */
  readonly callId: CallId | undefined;
  /** Channel to publish to. */
  readonly channel: string;
  /** The published data. */
  readonly data: unknown;
  /** Number of the publication for this publisher and channel, from 1. A repeated number is a retry. */
  readonly seq?: number;
  /** Id of the publication, in place of a number. A repeated id is a retry. */
  readonly id?: string;
}

/** Client to server: reads the history of a channel that it is subscribed to. */
export interface HistoryFrame {
  /** Discriminant. */
  readonly type: 'history';
  /** Call id; a read always expects a response. */
  readonly callId: CallId | undefined;
  /** Channel to read. */
  readonly channel: string;
  /** Reads the publications after this position, oldest first. */
  readonly since?: Position;
  /** Reads the newest publications before this position. */
  readonly before?: Position;
  /** Maximum number of publications in the response. */
  readonly limit?: number;
}

/** Client to server: sets the user's info in a channel that it is subscribed to. */
export interface PresenceFrame {
  /** Discriminant. */
  readonly type: 'presence';
  /** Call id, if a response is expected. */
  readonly callId: CallId | undefined;
  /** Channel of the member. */
  readonly channel: string;
  /** The new info; `null` leaves without ending the subscription. */
  readonly info: unknown;
}

/** Client to server: reads a page of the members of a channel that it is subscribed to. */
export interface MembersFrame {
  /** Discriminant. */
  readonly type: 'members';
  /** Call id; a read always expects a response. */
  readonly callId: CallId | undefined;
  /** Channel to read. */
  readonly channel: string;
  /** Reads the users whose names follow this one. */
  readonly after?: string;
  /** Maximum number of users in the response. */
  readonly limit?: number;
}

/** Position of a publication in its channel's stream. */
export interface PublicationPosition {
  /** Its offset, starting at 1; absent if the channel keeps no history. */
  readonly offset?: number;
  /** Offset of the previous publication, unless that is `offset` - 1. */
  readonly prev?: number;
  /** Epoch of the stream, if it differs from that of the previous publication. */
  readonly epoch?: string;
}

/** Server to client: a publication to a channel that the client is subscribed to. */
export interface PublicationFrame extends PublicationPosition {
  /** Discriminant. */
  readonly type: 'publication';
  /** Channel of the publication. */
  readonly channel: string;
  /** The published data. */
  readonly data: unknown;
}

/**
 * Server to client: continue from this position. Only for clients with the feature `position`. The epoch is empty if
 * the channel no longer keeps history.
 */
export interface PositionFrame extends Position {
  /** Discriminant. */
  readonly type: 'position';
  /** Channel of the position. */
  readonly channel: string;
  /** The stream was lost, and publications may be missing. Absent if one was only withheld from this client. */
  readonly reason?: GapReason;
}

/** Named data for the other end, or a call. */
export interface EventFrame {
  /** Discriminant. */
  readonly type: 'event';
  /** Name of the event or procedure. */
  readonly name: string;
  /** Data of the event, or argument of the call. */
  readonly data: unknown;
  /** Present if a response is expected. */
  readonly callId: CallId | undefined;
}

/** The response to a call. */
export interface ResponseFrame {
  /** Discriminant. */
  readonly type: 'response';
  /** Call id of the answered call. */
  readonly responseId: CallId;
  /** Result of the call. */
  readonly data?: unknown;
  /** In wire form (see `dehydrateError`); absent or `null` means success. */
  readonly error?: unknown;
  /** In a publish ack: position of the publication, if the channel keeps history. */
  readonly position?: Position;
  /** The publication is a duplicate; `position` is that of the original. */
  readonly duplicate?: true;
}

/** The response to `history`: its `data`. */
export interface HistoryAck {
  /** Epoch of the stream. */
  readonly epoch: string;
  /** Offset of the newest publication; 0 before the first. */
  readonly top: number;
  /** Whether the page is complete: no gap after `since`, or before `before`, up to `limit`. */
  readonly recovered: boolean;
  /** Cause of a failed recovery. */
  readonly reason?: GapReason;
  /** Oldest first; `at` is in milliseconds since 1970. */
  readonly publications: readonly (readonly [offset: number, at: number, data?: unknown])[];
  /** Whether there are further publications: newer ones with `since`, otherwise older ones. */
  readonly hasMore: boolean;
}

/** The server ended a subscription. */
export interface KickOutFrame {
  /** Discriminant. */
  readonly type: 'kickOut';
  /** Channel of the subscription. */
  readonly channel: string;
  /** Reason for the client's event `kickOut`. */
  readonly message: string;
  /**
   * The subscription ended only because the socket has no valid auth token now: the client should keep it pending and
   * subscribe again after the next authentication. Absent for a final kick-out.
   */
  readonly waitForAuth?: true;
}

/** Server to client: the server has subscribed this socket. Only for clients with the feature `position`. */
export interface SubscribedFrame {
  /** Discriminant. */
  readonly type: 'subscribed';
  /** Channel of the subscription. */
  readonly channel: string;
  /** The subscription ends with the auth token of the socket. */
  readonly waitForAuth?: true;
  /** The position from which publications follow, where the channel keeps history. */
  readonly ack?: SubscribeAck;
}

/** A new auth token for the client to store. */
export interface SetAuthTokenFrame {
  /** Discriminant. */
  readonly type: 'setAuthToken';
  /** The signed auth token. */
  readonly authToken: string;
  /** Present if the server waits until the client has stored the token. */
  readonly callId: CallId | undefined;
  /** Only in dialect `b6`. */
  readonly cookie?: TokenCookie;
}

/** The client must delete its stored auth token. */
export interface RemoveAuthTokenFrame {
  /** Discriminant. */
  readonly type: 'removeAuthToken';
  /** Call id, if a response is expected. */
  readonly callId: CallId | undefined;
}

/** Announces an intentional close before the WebSocket closes. Only clients older than protocol v2 send or need it. */
export interface DisconnectFrame {
  /** Discriminant. */
  readonly type: 'disconnect';
  /** Close code. */
  readonly code: number;
  /** Human-readable reason. */
  readonly reason: string;
}

/** A ping of the server. */
export interface PingFrame {
  /** Discriminant. */
  readonly type: 'ping';
}

/** A client's answer to a ping. */
export interface PongFrame {
  /** Discriminant. */
  readonly type: 'pong';
}

/** Well-formed data that is not a frame: passed to the application as a `raw` event. */
export interface RawFrame {
  /** Discriminant. */
  readonly type: 'raw';
  /** The message or value, unchanged. */
  readonly value: unknown;
}

/** Frames that a client may send. */
export type ClientFrame =
  | HandshakeFrame
  | AuthenticateFrame
  | DeauthenticateFrame
  | SubscribeFrame
  | UnsubscribeFrame
  | PublishFrame
  | HistoryFrame
  | PresenceFrame
  | MembersFrame
  | EventFrame
  | ResponseFrame
  | DisconnectFrame
  | PongFrame
  | RawFrame;

/** Frames that a server may send. */
export type ServerFrame =
  | PublicationFrame
  | PositionFrame
  | SubscribedFrame
  | KickOutFrame
  | SetAuthTokenFrame
  | RemoveAuthTokenFrame
  | EventFrame
  | ResponseFrame
  | DisconnectFrame
  | PingFrame
  | RawFrame;

/** The response to a handshake: its `data`. */
export interface HandshakeStatus {
  /** Id of the socket. */
  readonly id: string;
  /** Whether the presented auth token is valid. */
  readonly isAuthenticated: boolean;
  /** Milliseconds without a ping after which the client should close the connection. */
  readonly pingTimeout: number;
  /** Why the token that was sent is not valid, in wire form. */
  readonly authError?: unknown;
  /** The features that both ends support; absent for clients that announced none. */
  readonly features?: readonly string[];
  /**
   * The server's clock, in milliseconds since 1970, so that a client with a wrong clock renews its token in time. Only
   * for clients that announced themselves.
   */
  readonly serverTime?: number;
  /**
   * Longest message that the server accepts, in bytes, so that a client can reject a longer one with an error instead
   * of losing its connection. Only for clients that announced themselves.
   */
  readonly maxPayloadBytes?: number;
  /**
   * Claims of the token that authenticated the socket from a cookie that pages cannot read. The token itself is never
   * sent. Only for clients that announced themselves.
   */
  readonly authToken?: Readonly<Record<string, unknown>>;
}
