import type { StreamPage, StreamPosition } from './commands/streams.js';
import type { Publication } from './data/publication.js';

/** The reply to a subscribe request. Publications from then on follow it. */
export interface SubscribedPage extends StreamPage {
  /** The number of the channel's last publication; see `Publication.live`. */
  readonly live: number;
  /** Identifies the count that `live` belongs to. A restarted store begins a new count. */
  readonly count: string;
  /**
   * Number of publications missed since `SeenPosition.live`. Absent if unknown, because the store no longer has that
   * count.
   */
  readonly missed?: number;
  /** The channel's rule is `last`: deliver the last publication to each new subscriber. */
  readonly last?: true;
}

/** The last publication of a channel that a subscriber has received. */
export interface SeenPosition {
  /** Its position in the stream, if the channel has one. */
  readonly position?: StreamPosition | undefined;
  /** Its number; see `Publication.live`. */
  readonly live?: number | undefined;
  /** Identifies the count that `live` belongs to. */
  readonly count?: string | undefined;
}

/** Called before each subscribe request: the first one and each resubscribe. */
export type Since = () => SeenPosition | undefined;

/** Receives the events of one channel, in the order in which the store sends them. */
export interface ChannelSink {
  /** The store has acknowledged the subscription. Called again after each `interrupted`. */
  subscribed(page: SubscribedPage): void;
  /** A publication of the channel was delivered. */
  publication(publication: Publication): void;
  /** `count` publications, up to and including number `live`, were dropped because this process read too slowly. */
  lost(count: number, live: number): void;
  /** The link is lost. `subscribed` or `refused` follows after the reconnect. */
  interrupted(error: Error): void;
  /** The store refused the subscription, or the client was closed. No further calls follow. */
  refused(error: Error): void;
}

/** Options of `open`. */
export interface OpenOptions {
  /** Position after which missed publications are delivered first. */
  readonly since?: Since;
}

/** An open sink. */
export interface ChannelHandle {
  /** Ends delivery. Resolves when the store has acknowledged it. */
  close(): Promise<void>;
}
