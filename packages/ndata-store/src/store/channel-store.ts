import type { Callback } from './data-store.js';

/**
 * Takes a publication: the channel, the payload as it was published, and its offset in the channel's stream, 0 when
 * there is none. Called synchronously, in the shard's order. The payload stays valid and is never changed; a view into
 * a larger buffer keeps that buffer alive, so copy what is kept for long.
 */
export type PayloadListener = (channel: string, payload: Uint8Array, offset: number) => void;

export interface AppendOptions {
  /** Publications the stream keeps. @default 100 */
  readonly maxSize?: number;
  /** Milliseconds the stream keeps a publication. @default 60000 */
  readonly maxAgeMs?: number;
}

/** A point in a stream. The epoch changes when a stream is lost; offsets count from 1. */
export interface StreamPosition {
  readonly epoch: string;
  readonly offset: number;
}

export interface ReadStreamOptions {
  /** Read what follows this position. @default the newest publications */
  readonly since?: StreamPosition;
  /** Publications per page, at most 10,000. @default 300 */
  readonly limit?: number;
}

export interface StreamPublication {
  readonly offset: number;
  readonly payload: Uint8Array;
}

export interface StreamPage {
  /** Empty when the channel has no stream. */
  readonly epoch: string;
  /** The newest offset of the stream; 0 when there is none. */
  readonly top: number;
  /** Oldest first. */
  readonly publications: StreamPublication[];
  /** Whether these follow `since` without a gap. */
  readonly recovered: boolean;
  /** Why not: another stream, no longer kept, or a position that is ahead of the stream. */
  readonly reason?: 'epoch' | 'trimmed' | 'ahead';
  /** Whether the stream goes on behind this page. */
  readonly hasMore: boolean;
}

export interface JoinOptions {
  /** What others see beside the id. */
  readonly info?: unknown;
  /** Milliseconds the member stays when its link is lost. @default 0 */
  readonly graceMs?: number;
}

export interface Member {
  readonly id: string;
  readonly info: unknown;
}

/** Channels: publications as they happen, those of the past, and who is there. */
export interface ChannelStore {
  /** Takes every publication of the channels subscribed to. One function; the owner sets it. */
  onPayload: PayloadListener | undefined;
  /** Resolves when the shard has the subscription. It is renewed whenever the link was lost. */
  subscribe(channel: string, callback?: Callback<void>): Promise<void>;
  unsubscribe(channel: string, callback?: Callback<void>): Promise<void>;
  subscriptions(): string[];
  /** Whether the shard has confirmed the subscription on the present link. */
  isSubscribed(channel: string): boolean;
  /** Resolves when the shard has handed the publication to every subscribed link. */
  publish(channel: string, data?: unknown, callback?: Callback<void>): Promise<void>;
  /** As `publish`, with a payload that no store looks into: bytes, or text that goes as UTF-8. No bytes mean no data. */
  publishPayload(channel: string, payload: Uint8Array | string): Promise<void>;
  /**
   * As `publishPayload`, for who waits for nothing: no publication has an answer of its own. What was refused, failed, or
   * was on its way when the link was lost is counted in `status()` and told by `error`, once a second at most. Throws
   * `InvalidArgumentsError`.
   */
  publishWithoutAck(channel: string, payload: Uint8Array | string): void;

  /** Publishes, and keeps the publication in the channel's stream. The limits are the stream's from then on. */
  append(
    channel: string,
    data?: unknown,
    options?: AppendOptions,
    callback?: Callback<StreamPosition>,
  ): Promise<StreamPosition>;
  /** As `append`, with a payload that no store looks into. */
  appendPayload(channel: string, payload: Uint8Array | string, options?: AppendOptions): Promise<StreamPosition>;
  /** To miss nothing: subscribe, keep what comes, read the stream, then drop what both have by its offset. */
  readStream(channel: string, options?: ReadStreamOptions, callback?: Callback<StreamPage>): Promise<StreamPage>;
  /** Drops, once, what is beyond these limits. */
  trimStream(channel: string, limits: AppendOptions, callback?: Callback<void>): Promise<void>;
  /** Answers whether there was one. The next has another epoch. */
  removeStream(channel: string, callback?: Callback<boolean>): Promise<boolean>;

  /** Makes a member, held by this client: when its link is lost for longer than the grace, the member leaves. */
  join(channel: string, member: string, options?: JoinOptions, callback?: Callback<void>): Promise<void>;
  leave(channel: string, member: string, callback?: Callback<void>): Promise<void>;
  members(channel: string, callback?: Callback<Member[]>): Promise<Member[]>;
  /** From now on `memberJoin` and `memberLeave` tell who comes and goes. Watch first, then ask for `members`. */
  watchMembers(channel: string, callback?: Callback<void>): Promise<void>;
  unwatchMembers(channel: string, callback?: Callback<void>): Promise<void>;
}
