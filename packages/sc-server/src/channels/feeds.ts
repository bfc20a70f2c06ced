import { isRetryable, StoreUnavailableError } from 'sc-protocol';
import type { GapReason } from 'sc-protocol';
import type { Publication, Store, StreamPosition } from 'ndata-store';
import type { Logger } from '../log/logger.js';
import { ChannelFeed, type FeedOwner, type PublicationLoss } from './channel-feed.js';

interface Held {
  readonly feed: ChannelFeed;
  holders: number;
  readonly ready: Promise<void>;
  readonly settle: (error?: Error) => void;
  retryTimer: NodeJS.Timeout | undefined;
  attempts: number;
  /** Runs while the feed has no holder. */
  lingerTimer: NodeJS.Timeout | undefined;
}

export interface FeedsOptions {
  readonly store: Store;
  readonly logger: Logger;
  /** Hot path. */
  readonly deliver: (publication: Publication) => void;
  readonly lost: (loss: PublicationLoss) => void;
  /** A channel continues from another position. With a reason, publications before the position are missing. */
  readonly moved: (channel: string, position: StreamPosition, reason: GapReason | undefined) => void;
  /** Milliseconds that a subscriber waits for the store. @default 10000 */
  readonly timeoutMs?: number;
  /** Milliseconds that a feed with a stream stays open without a holder, for reconnecting clients. @default 10000 */
  readonly lingerMs?: number;
  /** Random source for jitter. @default Math.random */
  readonly random?: () => number;
}

/** Maximum lingering feeds. Above it, the feed that has lingered longest is closed. */
const maxLingering = 10_000;
const retryDelayMs = 250;
const retryDelayMaxMs = 10_000;

/**
 * The channels that this process subscribes to at the store, each with one feed. The first holder opens the feed; the
 * last holder to release it closes it.
 */
export class Feeds {
  readonly #options: FeedsOptions;
  readonly #owner: FeedOwner;
  readonly #held = new Map<string, Held>();
  /** Lingering channels, oldest first. */
  readonly #lingering = new Set<string>();

  constructor(options: FeedsOptions) {
    this.#options = options;
    this.#owner = {
      deliver: options.deliver,
      lost: options.lost,
      moved: ({ channel }, position, reason) => options.moved(channel, position, reason),
      subscribed: ({ channel }) => {
        const held = this.#held.get(channel);
        if (held !== undefined) held.attempts = 0;
        held?.settle();
      },
      refused: (feed, error) => this.#refused(feed, error),
    };
  }

  /** Adds a holder. Resolves when the store delivers the channel to this process. Always pair with `release`. */
  acquire(channel: string): Promise<void> {
    let held = this.#held.get(channel);
    if (held === undefined) {
      held = this.#open(channel);
      this.#held.set(channel, held);
      try {
        held.feed.open();
      } catch (error) {
        held.settle(error as Error);
      }
    }
    if (held.holders === 0) this.#revive(channel, held);
    held.holders += 1;
    return held.ready;
  }

  /** The open feed of a channel. */
  get(channel: string): ChannelFeed | undefined {
    return this.#held.get(channel)?.feed;
  }

  release(channel: string): void {
    const held = this.#held.get(channel);
    if (held === undefined) return;
    held.holders -= 1;
    if (held.holders > 0) return;
    const { lingerMs = 10_000 } = this.#options;
    if (lingerMs === 0 || held.feed.position === undefined) {
      this.#end(channel, held);
      return;
    }
    held.lingerTimer = setTimeout(() => this.#end(channel, held), lingerMs).unref();
    this.#lingering.add(channel);
    if (this.#lingering.size <= maxLingering) return;
    for (const oldest of this.#lingering) {
      const last = this.#held.get(oldest);
      if (last !== undefined) this.#end(oldest, last);
      break;
    }
  }

  /** Closes all feeds. */
  stop(): void {
    for (const [channel, held] of this.#held) this.#end(channel, held);
  }

  #revive(channel: string, held: Held): void {
    this.#lingering.delete(channel);
    clearTimeout(held.lingerTimer);
    held.lingerTimer = undefined;
  }

  #end(channel: string, held: Held): void {
    this.#revive(channel, held);
    this.#held.delete(channel);
    clearTimeout(held.retryTimer);
    held.settle();
    // The link preserves order, so this does not end a later subscription to the same channel.
    held.feed.close().catch(() => undefined);
  }

  #open(channel: string): Held {
    const { store, timeoutMs = 10_000 } = this.#options;
    let settle: Held['settle'] = () => undefined;
    const ready = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => settle(unavailable(channel, timeoutMs)), timeoutMs);
      settle = (error) => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    // Prevent an unhandled rejection: holders that have left no longer await it.
    ready.catch(() => undefined);
    return {
      feed: new ChannelFeed(channel, store, this.#owner),
      holders: 0,
      ready,
      settle,
      retryTimer: undefined,
      attempts: 0,
      lingerTimer: undefined,
    };
  }

  #refused(feed: ChannelFeed, error: Error): void {
    const { logger, random = Math.random } = this.#options;
    const held = this.#held.get(feed.channel);
    if (held?.feed !== feed) return;
    if (!isRetryable(error)) {
      logger.error(`The store refuses the channel "${feed.channel}"; nothing is delivered to its subscribers`, {
        error,
      });
      held.settle(error);
      return;
    }
    const delayMs = Math.min(retryDelayMaxMs, retryDelayMs * 2 ** held.attempts++) * (1 - random() / 2);
    held.retryTimer = setTimeout(() => feed.open(), delayMs).unref();
  }
}

function unavailable(channel: string, timeoutMs: number): Error {
  return new StoreUnavailableError(`The store did not take the subscription to "${channel}" within ${timeoutMs} ms`);
}
