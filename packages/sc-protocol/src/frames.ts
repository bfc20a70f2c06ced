/**
 * The frame model: everything either end may say, as two closed unions. PROTOCOL.md has a heading for each frame.
 * How a frame is spelled on the wire is the business of `dialects/`.
 */

/** Identifies a call within one direction of one socket. Whole, not negative, chosen by the caller. */
export type CallId = number;

/** Information that a client announces about itself in its handshake. */
export interface ClientInfo {
  /** Name of the client library. */
  readonly name: string;
  /** Version of the client library. */
  readonly version: string;
}

/** A point in a channel's stream: the offset of a publication, and the epoch that it was given in. */
export interface Position {
  /** Identifies one life of a stream. */
  readonly epoch: string;
  /** Number of a publication within the epoch, from 1; 0 is before the first. */
  readonly offset: number;
}

/**
 * Why a client does not get all that follows its position. `epoch`: the stream is another one, or there is none. `forked`: a
 * crash has taken publications that the client saw. `ahead`: the position is beyond the stream. `trimmed`: what follows
 * is no longer kept. `tooMuch`: it is more than one recovery may carry, or took too long.
 */
export type GapReason = 'epoch' | 'forked' | 'ahead' | 'trimmed' | 'tooMuch';

/** Past publications that a first subscription begins with: a number of them, at most, or those of so many milliseconds. */
export type Rewind = number | { readonly count?: number; readonly ms?: number };

/** One channel that a client asks for. */
export interface SubscribeRequest {
  /** Channel to subscribe to. */
  readonly channel: string;
  /** Wait for a valid auth token; without one the subscription stays pending on the client. */
  readonly waitForAuth: boolean;
  /** Anything the subscribe middleware should see. */
  readonly data?: unknown;
  /** The client takes its acks in batches. */
  readonly batch?: boolean;
  /** Where the client was: it wants what was published since. */
  readonly since?: Position;
  /** The range of past publications that a client without a position requests. */
  readonly rewind?: Rewind;
  /** Makes the client's user a member of the channel, with what others see besides its name (feature `presence`). */
  readonly join?: true | { readonly info?: unknown };
  /** The client wants the members of the channel and their changes, or only their number. */
  readonly members?: true | 'count';
}

/**
 * The answer to a subscription of a client with the feature `position`, where the channel keeps history: the `data` of
 * its response. Past publications up to `offset` follow it, then those that are published from now on.
 */
export interface SubscribeAck extends Position {
  /** Whether everything since the client's position follows. Only for a request with `since`. */
  readonly recovered?: boolean;
  /** Why not. */
  readonly reason?: GapReason;
  /** How many past publications follow, when there are some. */
  readonly missed?: number;
}

/** How long clients of generation B6 keep a token in its cookie: for the browser's session unless it says otherwise. */
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
  /** The signed auth token the client holds, or `null`. Not yet checked to be a string. */
  readonly authToken: unknown;
  /** Announcement of the client, if it sent one. */
  readonly client?: ClientInfo;
  /** Features the client can use; the server answers with those both have. */
  readonly features: readonly string[];
  /** Names the client as a publisher that numbers its publications (feature `dedupe`). A secret of the client. */
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

/** Client to server: publish this. */
export interface PublishFrame {
  /** Discriminant. */
  readonly type: 'publish';
  /** Call id, if an ack is expected. */
  readonly callId: CallId | undefined;
  /** Channel to publish to. */
  readonly channel: string;
  /** The published data. */
  readonly data: unknown;
  /** Counts what this publisher publishes to the channel, from 1: the same number again is the same publication. */
  readonly seq?: number;
  /** Names the publication instead of a number: the same id again is the same publication. */
  readonly id?: string;
}

/** Client to server: read the past of a channel that I am subscribed to. */
export interface HistoryFrame {
  /** Discriminant. */
  readonly type: 'history';
  /** Call id; a read always expects a response. */
  readonly callId: CallId | undefined;
  /** Channel to read. */
  readonly channel: string;
  /** Reads the publications after this position, oldest first. */
  readonly since?: Position;
  /** The newest before this position. */
  readonly before?: Position;
  /** Maximum number of publications in the answer. */
  readonly limit?: number;
}

/** Client to server: my info in a channel that I am subscribed to. */
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

/** Client to server: read a page of the members of a channel that I am subscribed to. */
export interface MembersFrame {
  /** Discriminant. */
  readonly type: 'members';
  /** Call id; a read always expects a response. */
  readonly callId: CallId | undefined;
  /** Channel to read. */
  readonly channel: string;
  /** Reads the users whose names come after this one. */
  readonly after?: string;
  /** Maximum number of users in the answer. */
  readonly limit?: number;
}

/** Where a publication stands in its channel's stream. */
export interface PublicationPosition {
  /** Its place, from 1; absent when the channel keeps no history. */
  readonly offset?: number;
  /** The place of the publication before it, unless that is `offset` - 1. */
  readonly prev?: number;
  /** The stream's epoch, when it differs from that of the publication before. */
  readonly epoch?: string;
}

/** Server to client: this was published to a channel you are subscribed to. */
export interface PublicationFrame extends PublicationPosition {
  /** Discriminant. */
  readonly type: 'publication';
  /** Channel of the publication. */
  readonly channel: string;
  /** The published data. */
  readonly data: unknown;
}

/**
 * Server to client: go on from this position. Only for clients with the feature `position`. The epoch is empty when the
 * channel keeps no history any more.
 */
export interface PositionFrame extends Position {
  /** Discriminant. */
  readonly type: 'position';
  /** Channel of the position. */
  readonly channel: string;
  /** The stream was lost meanwhile: publications may be missing. Absent when one was only not meant for this client. */
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
  /** Present when an answer is wanted. */
  readonly callId: CallId | undefined;
}

/** The answer to a call. */
export interface ResponseFrame {
  /** Discriminant. */
  readonly type: 'response';
  /** Call id of the answered call. */
  readonly responseId: CallId;
  /** Result of the call. */
  readonly data?: unknown;
  /** In wire form (see `dehydrateError`); absent or `null` means success. */
  readonly error?: unknown;
  /** The answer to a publication that the channel's history keeps: where it stands. */
  readonly position?: Position;
  /** The publication was there already; `position` is where it stands. */
  readonly duplicate?: true;
}

/** The answer to `history`: the `data` of its response. */
export interface HistoryAck {
  /** Epoch of the stream. */
  readonly epoch: string;
  /** The offset of the newest publication; 0 before the first. */
  readonly top: number;
  /** Whether these are all that follow `since`, or end at `before`, up to `limit`. */
  readonly recovered: boolean;
  /** Cause of a failed recovery. */
  readonly reason?: GapReason;
  /** Oldest first; `at` is in milliseconds since 1970. */
  readonly publications: readonly (readonly [offset: number, at: number, data?: unknown])[];
  /** Whether there are more: newer ones with `since`, otherwise older ones. */
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
  /** Present when the server waits until the client has stored the token. */
  readonly callId: CallId | undefined;
  /** Said in dialect `b6` only. */
  readonly cookie?: TokenCookie;
}

/** The client must delete its stored auth token. */
export interface RemoveAuthTokenFrame {
  /** Discriminant. */
  readonly type: 'removeAuthToken';
  /** Call id, if a response is expected. */
  readonly callId: CallId | undefined;
}

/** An intentional end, said before the WebSocket closes. Only clients older than protocol v2 send or need it. */
export interface DisconnectFrame {
  /** Discriminant. */
  readonly type: 'disconnect';
  /** Close code. */
  readonly code: number;
  /** Reason for people. */
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

/** Well-formed data that is no frame of ours: handed to the application as a `raw` event. */
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

/** The server's answer to a handshake: the `data` of its response. */
export interface HandshakeStatus {
  /** Id of the socket. */
  readonly id: string;
  /** Whether the presented auth token is valid. */
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
