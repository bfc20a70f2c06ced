import type { Feeds } from '../channels/feeds.js';
import type { SocketCore } from '../socket/socket-core.js';
import type { WarmChannel } from './messages.js';

/** Maximum channels in one message. */
const maxBatch = 1_000;
/** Milliseconds without a response after which a channel is requested again. */
const retryMs = 1_000;

/**
 * The channels that the next worker already follows, as reported to the worker being replaced. A socket moves only when
 * the next worker receives every publication that this worker has not sent.
 */
export class WarmChannels {
  readonly #feeds: Pick<Feeds, 'get'>;
  readonly #request: (channels: readonly string[]) => void;
  readonly #warm = new Map<string, WarmChannel>();
  readonly #requestedAt = new Map<string, number>();
  readonly #wanted = new Set<string>();

  constructor(feeds: Pick<Feeds, 'get'>, request: (channels: readonly string[]) => void) {
    this.#feeds = feeds;
    this.#request = request;
  }

  /** Discards all entries when another worker becomes the target. */
  clear(): void {
    this.#warm.clear();
    this.#requestedAt.clear();
  }

  add(channels: readonly WarmChannel[]): void {
    for (const one of channels) this.#warm.set(one.channel, one);
  }

  /**
   * Whether the next worker has recorded everything published in the socket's channels after the last publication that
   * this process has sent.
   */
  covers({ subscriptions }: SocketCore): boolean {
    let isCovered = true;
    for (const channel of subscriptions?.channels ?? []) {
      const warm = this.#warm.get(channel);
      const feed = this.#feeds.get(channel);
      if (warm === undefined || (feed?.state === 'live' && feed.count !== warm.count)) this.#wanted.add(channel);
      if (warm === undefined || feed?.state !== 'live' || feed.count !== warm.count || feed.live < warm.live) {
        isCovered = false;
      }
    }
    return isCovered;
  }

  /** Requests the channels that {@link covers} found missing. */
  requestMissing(): void {
    const now = performance.now();
    const due = [...this.#wanted].filter((channel) => now - (this.#requestedAt.get(channel) ?? -retryMs) >= retryMs);
    this.#wanted.clear();
    for (const channel of due) this.#requestedAt.set(channel, now);
    for (let from = 0; from < due.length; from += maxBatch) this.#request(due.slice(from, from + maxBatch));
  }
}
