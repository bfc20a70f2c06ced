import type { StreamPage, StreamPosition } from './commands/streams.js';
import type { Publication } from './data/publication.js';

/** The reply to a subscription. Publications from now on follow it. */
export interface SubscribedPage extends StreamPage {
  /** The number of the channel's last publication; see `Publication.live`. */
  readonly live: number;
  /** Names the count that `live` belongs to: a store that has started again counts anew. */
  readonly count: string;
  /** Publications since `SeenPosition.live`, if the store still has that count; otherwise their number is unknown. */
  readonly missed?: number;
  /** The channel's rule is `last`: who subscribes is to be given the last publication. */
  readonly last?: true;
}

/** The last publication that a subscriber has got of a channel. */
export interface SeenPosition {
  /** Its position in the stream, if the channel has one. */
  readonly position?: StreamPosition | undefined;
  /** Its number, and the count that belongs to. */
  readonly live?: number | undefined;
  /** Identifies the count of `live`. */
  readonly count?: string | undefined;
}

/** Asked whenever the store is asked for the subscription: first, and after each loss. */
export type Since = () => SeenPosition | undefined;

/** Takes one channel, in the order in which the store sends it. */
export interface ChannelSink {
  /** The store delivers from now on. Comes again after each `interrupted`. */
  subscribed(page: SubscribedPage): void;
  /** A publication of the channel was delivered. */
  publication(publication: Publication): void;
  /**
   * `count` publications, the last of them with the number `live`, were left out, because this process did not read fast
   * enough.
   */
  lost(count: number, live: number): void;
  /** The store is away; `subscribed` or `refused` comes when it is back. */
  interrupted(error: Error): void;
  /** The store refuses, or the client has ended. This was the last call. */
  refused(error: Error): void;
}

/** Options of `open`. */
export interface OpenOptions {
  /** Position after which missed publications are delivered first. */
  readonly since?: Since;
}

/** An open sink. */
export interface ChannelHandle {
  /** Ends delivery. Resolves when the store knows. */
  close(): Promise<void>;
}
