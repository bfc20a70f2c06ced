import type { Store, StreamPage, StreamPosition } from 'ndata-store';
import { PastPublication } from './feed-ring.js';
import { jsonOfPayload } from './payload.js';

/** A range to read: the publications after a position, or the newest ones. */
export type StreamQuery = { readonly since: StreamPosition } | { readonly newest: number };

/** The range as read from the stream, oldest first. */
export interface PastRange {
  readonly epoch: string;
  readonly publications: readonly PastPublication[];
  /** Why the range after the position is incomplete. */
  readonly reason: StreamPage['reason'] | undefined;
}

export interface RecoveryLimits {
  /** Maximum publications of one recovery. */
  readonly maxCount: number;
  /** Maximum payload bytes of one recovery. */
  readonly maxBytes: number;
}

interface Read {
  readonly range: Promise<PastRange>;
  /** The result of the read. */
  result: PastRange | undefined;
  bytes: number;
  readonly at: number;
}

/** Milliseconds for which a result is shared with identical reads. */
const keptMs = 10_000;
/** Maximum payload bytes of cached results. */
const keptBytes = 16 * 1024 * 1024;
const maxReads = 4096;

/**
 * Reads the history of channels for reconnecting clients. When thousands reconnect at once, the store receives one read
 * for each channel and position: identical reads share the request in flight and its cached result.
 */
export class StreamReads {
  readonly limits: RecoveryLimits;
  readonly #store: Pick<Store, 'readStream'>;
  readonly #reads = new Map<string, Read>();
  #bytes = 0;

  constructor(store: Pick<Store, 'readStream'>, limits: RecoveryLimits) {
    this.#store = store;
    this.limits = limits;
  }

  /**
   * Reads a range. Results from before the feed's last move (`moves`) are not shared, nor is `stale`, a result that
   * ends too early.
   */
  read(channel: string, query: StreamQuery, moves: number, stale?: PastRange): Promise<PastRange> {
    const place = 'since' in query ? `${query.since.epoch} ${query.since.offset}` : `newest ${query.newest}`;
    const key = `${moves} ${place} ${channel}`;
    const now = Date.now();
    this.#forgetBefore(now - keptMs);
    const before = this.#reads.get(key);
    if (before !== undefined && (stale === undefined || before.result !== stale)) return before.range;
    if (before !== undefined) this.#forget(key, before);
    const read: Read = { range: this.#read(channel, query), result: undefined, bytes: 0, at: now };
    this.#reads.set(key, read);
    read.range.then(
      (range) => {
        const { publications, reason } = range;
        read.result = range;
        // Do not cache: after the next publication the position may no longer be ahead of the stream.
        if (reason === 'ahead') this.#forget(key, read);
        else this.#keep(key, read, publications);
      },
      () => this.#forget(key, read),
    );
    return read.range;
  }

  async #read(channel: string, query: StreamQuery): Promise<PastRange> {
    const { limits } = this;
    const isSince = 'since' in query;
    // Read one more than the limit to detect that the range is too large.
    const limit = isSince ? limits.maxCount + 1 : Math.min(query.newest, limits.maxCount);
    const page = await this.#store.readStream(channel, isSince ? { since: query.since, limit } : { limit });
    const publications = page.publications.map(
      ({ offset, at, payload }) => new PastPublication(offset, jsonOfPayload(payload), at),
    );
    const isTooMuch = isSince && (page.hasMore || publications.length > limits.maxCount);
    const reason = isSince && isTooMuch && page.recovered ? 'tooMuch' : page.reason;
    return { epoch: page.epoch, publications: reason === undefined ? publications : [], reason };
  }

  #keep(key: string, read: Read, publications: readonly PastPublication[]): void {
    if (this.#reads.get(key) !== read) return;
    for (const { payload } of publications) read.bytes += payload.length;
    this.#bytes += read.bytes;
    for (const [oldest, one] of this.#reads) {
      if (this.#bytes <= keptBytes && this.#reads.size <= maxReads) break;
      this.#forget(oldest, one);
    }
  }

  #forgetBefore(time: number): void {
    for (const [key, read] of this.#reads) {
      if (read.at > time) return;
      this.#forget(key, read);
    }
  }

  #forget(key: string, read: Read): void {
    if (this.#reads.get(key) !== read) return;
    this.#reads.delete(key);
    this.#bytes -= read.bytes;
  }
}
