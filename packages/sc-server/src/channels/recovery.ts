import type { GapReason, Position, Rewind, SubscribeAck } from 'sc-protocol';
import { isSameStream, type ChannelFeed } from './channel-feed.js';
import type { PresenceWanted } from '../presence/wanted.js';
import type { PastPublication } from './feed-ring.js';
import type { PastRange, StreamReads } from './stream-reads.js';

/** The range of past publications that a subscriber requests. */
export interface Wanted {
  readonly since?: Position | undefined;
  readonly rewind?: Rewind | undefined;
  /** The part of the channel's presence that the client requests. */
  readonly presence?: PresenceWanted | undefined;
  /** The client requested recovery from a position, and the line withheld it. */
  readonly isWithheld?: boolean;
}

/** The first data of a subscription. Later publications of the feed follow it. */
export interface Beginning {
  /** `undefined` if the channel keeps no history and the client sent no position. */
  readonly ack: SubscribeAck | undefined;
  /** Oldest first, up to the position of the feed. */
  readonly missed: readonly PastPublication[];
}

export interface RecoveryOptions {
  readonly feed: ChannelFeed;
  readonly reads: StreamReads;
  readonly wanted: Wanted;
  /** Deadline in milliseconds. @default 10000 */
  readonly timeoutMs?: number;
}

const noStream: SubscribeAck = { epoch: '', offset: 0, recovered: false, reason: 'epoch' };
/** Milliseconds between retries while the store is unavailable. */
const retryMs = 100;

/**
 * Finds the publications that a subscriber has missed, in the ring of the feed or in the store. All are collected
 * before any is sent, so a recovery is never partial.
 */
export class Recovery {
  readonly #feed: ChannelFeed;
  readonly #reads: StreamReads;
  readonly #wanted: Wanted;
  readonly #until: number;
  /**
   * The publications read from the store since the position. Valid only while the feed's `moves` equals `#moves`, like
   * `#newest`.
   */
  #read: PastRange | undefined;
  #newest: PastRange | undefined;
  #moves: number;

  constructor({ feed, reads, wanted, timeoutMs = 10_000 }: RecoveryOptions) {
    this.#feed = feed;
    this.#reads = reads;
    this.#wanted = wanted;
    this.#until = Date.now() + timeoutMs;
    this.#moves = feed.moves;
  }

  /**
   * Returns the current beginning, to be sent in this turn, or a promise after which to call `begin` again; it never
   * rejects.
   */
  begin(): Beginning | Promise<void> {
    const { position, moves } = this.#feed;
    const { since, rewind, isWithheld = false } = this.#wanted;
    if (position === undefined) return { ack: since && noStream, missed: [] };
    if (moves !== this.#moves) {
      this.#moves = moves;
      this.#read = undefined;
      this.#newest = undefined;
    }
    if (since !== undefined) return this.#since(since, position);
    if (isWithheld) return this.#failed('trimmed');
    const isLast = this.#feed.isLast;
    if (rewind !== undefined || isLast) return this.#rewind(isLast ? 1 : (rewind ?? 1), {});
    return { ack: position, missed: [] };
  }

  #since(since: Position, position: Position): Beginning | Promise<void> {
    const known = this.#feed.knows(since) ? this.#feed.after(since.offset) : undefined;
    if (known !== undefined) return this.#recovered(known, position);
    const read = this.#read;
    if (read === undefined) return this.#readOr(() => this.#failed('tooMuch'), { since });
    if (read.reason !== undefined) return this.#failed(read.reason);
    // The store has already begun another stream, and the feed has not been notified yet.
    if (!isSameStream(read.epoch, position.epoch)) return this.#waitOr(() => this.#failed('epoch'));
    const last = read.publications.at(-1)?.offset ?? since.offset;
    // The client may be ahead of this feed, which will deliver publications that the client already has.
    if (last >= position.offset) {
      const missed = read.publications.filter(({ offset }) => offset <= position.offset);
      return this.#recovered(missed, since.offset > position.offset ? since : position);
    }
    const rest = this.#feed.after(last);
    if (rest !== undefined) return this.#recovered([...read.publications, ...rest], position);
    return this.#readOr(() => this.#failed('tooMuch'), { since });
  }

  #recovered(missed: readonly PastPublication[], { epoch, offset }: Position): Beginning | Promise<void> {
    if (!this.#fits(missed)) return this.#failed('tooMuch');
    return { ack: { epoch, offset, recovered: true, ...countOf(missed) }, missed };
  }

  /**
   * Begins the subscription at the position of the feed without recovery. If the channel's rule is `last`, it begins
   * with the last publication.
   */
  #failed(reason: GapReason): Beginning | Promise<void> {
    const { position = noStream, isLast } = this.#feed;
    const outcome = { recovered: false, reason } as const;
    if (isLast) return this.#rewind(1, outcome);
    return { ack: { epoch: position.epoch, offset: position.offset, ...outcome }, missed: [] };
  }

  #rewind(rewind: Rewind, outcome: Pick<SubscribeAck, 'recovered' | 'reason'>): Beginning | Promise<void> {
    const position = this.#feed.position ?? noStream;
    const { epoch, offset } = position;
    const { maxCount } = this.#reads.limits;
    const { count = maxCount, ms } = typeof rewind === 'number' ? { count: rewind } : rewind;
    const wanted = Math.min(count, maxCount);
    const begin = (found: readonly PastPublication[]): Beginning => {
      const missed = this.#newestThatFit(found.slice(-wanted), ms);
      return { ack: { epoch, offset, ...outcome, ...countOf(missed) }, missed };
    };
    const known = this.#feed.newest(wanted);
    if (known !== undefined) return begin(known);
    const read = this.#newest;
    if (read === undefined) return this.#readOr(() => begin([]), { newest: wanted });
    const found = read.publications.filter((one) => one.offset <= offset);
    const rest = this.#feed.after(found.at(-1)?.offset ?? 0);
    if (rest !== undefined) return begin([...found, ...rest]);
    return this.#readOr(() => begin([]), { newest: wanted });
  }

  /** Reads from the store, or returns `late()` after the deadline. */
  #readOr<Result>(
    late: () => Result,
    query: { readonly since: Position } | { readonly newest: number },
  ): Result | Promise<void> {
    if (Date.now() >= this.#until) return late();
    const { channel } = this.#feed;
    const isSince = 'since' in query;
    const before = isSince ? this.#read : this.#newest;
    return this.#reads.read(channel, query, this.#moves, before).then(
      (range) => {
        if (isSince) this.#read = range;
        else this.#newest = range;
      },
      // The store is unavailable: retry after a delay.
      later,
    );
  }

  #waitOr<Result>(late: () => Result): Result | Promise<void> {
    if (Date.now() >= this.#until) return late();
    this.#read = undefined;
    return later();
  }

  #fits(missed: readonly PastPublication[]): boolean {
    const { maxCount, maxBytes } = this.#reads.limits;
    if (missed.length > maxCount) return false;
    let bytes = 0;
    for (const { payload } of missed) bytes += payload.length;
    return bytes <= maxBytes;
  }

  #newestThatFit(found: readonly PastPublication[], ms = Infinity): readonly PastPublication[] {
    const oldest = Date.now() - ms;
    let bytes = 0;
    let first = found.length;
    while (first > 0) {
      const one = found[first - 1];
      bytes += one?.payload.length ?? 0;
      if (one === undefined || bytes > this.#reads.limits.maxBytes || one.at < oldest) break;
      first--;
    }
    return found.slice(first);
  }
}

function later(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, retryMs).unref());
}

function countOf(missed: readonly PastPublication[]): Pick<SubscribeAck, 'missed'> {
  return missed.length === 0 ? {} : { missed: missed.length };
}
