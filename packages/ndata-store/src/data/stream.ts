import type { KnownPublications } from './publishers.js';

/** Limits of a stream. */
export interface StreamLimits {
  /** Maximum number of publications. */
  readonly maxSize: number;
  /** Maximum age in milliseconds. */
  readonly maxAgeMs: number;
}

export interface StreamEntry {
  readonly offset: number;
  /** When it was appended, in milliseconds since 1970. */
  readonly at: number;
  /** The payload, one byte per character. */
  readonly payload: string;
}

/** A life of the store and its first offset in the stream. */
export type StreamLife = readonly [life: number, from: number];

/** Why the publications after a position are incomplete. */
export type GapReason = 'epoch' | 'forked' | 'ahead' | 'trimmed' | 'tooMuch';

/** Approximate memory of an entry without its payload, and of a stream without its entries. */
const entryBytes = 80;
export const headBytes = 240;
/** Maximum number of lives kept per stream. Positions of earlier lives result in `epoch`. */
const maxLives = 16;

/** The past publications of a channel. The id distinguishes it from an earlier stream of the channel. */
export class Stream {
  readonly channel: string;
  readonly id: string;
  /** The lives of the store in which publications were appended, newest last. */
  readonly lives: StreamLife[] = [];
  /** The offset of the newest publication; 0 before the first. */
  top: number;
  /** The newest offset that was delivered to subscribers. Later ones are still being written to the log. */
  delivered: number;
  /** Value of `top` when the last activity measurement began. */
  marked: number;
  limits: StreamLimits;
  /** The limits come from the publisher that began the stream, because no channel rule applied. */
  hasOwnLimits = false;
  /** Time of the last append or read. */
  usedAt = 0;
  bytes = 0;
  /** Publications that may be resent; created on first use. */
  known: KnownPublications | undefined;
  #entries: StreamEntry[] = [];
  #first = 0;

  constructor(channel: string, id: string, limits: StreamLimits, top = 0) {
    this.channel = channel;
    this.id = id;
    this.limits = limits;
    this.top = top;
    this.delivered = top;
    this.marked = top;
  }

  /** The epoch of new positions: the stream's id and its newest life. */
  get epoch(): string {
    return `${this.id}.${(this.lives.at(-1)?.[0] ?? 0).toString(36)}`;
  }

  /** The epoch, if the newest publication is its first one. Hot path. */
  get newEpoch(): string | undefined {
    return this.lives.at(-1)?.[1] === this.top ? this.epoch : undefined;
  }

  /** Number of publications kept. */
  get size(): number {
    return this.#entries.length - this.#first;
  }

  /** Offset of the oldest publication kept, or of the next one if the stream is empty. */
  get first(): number {
    return this.top - this.size + 1;
  }

  /** Appends an entry with its own offset. With `life`, the entry is the first of that life. */
  add(entry: StreamEntry, life?: number): void {
    // After damage, offsets may be missing. Drop the older entries, so that the stream has no gap that a reader could
    // overlook.
    if (entry.offset !== this.top + 1) this.#drop(this.#entries.length);
    if (life !== undefined) {
      this.lives.push([life, entry.offset]);
      if (this.lives.length > maxLives) this.lives.shift();
    }
    this.top = entry.offset;
    this.#entries.push(entry);
    this.bytes += entryBytes + entry.payload.length;
  }

  /** Whether the oldest publication has exceeded the maximum age. */
  isTrimDue(now: number): boolean {
    const oldest = this.#entries[this.#first];
    return oldest !== undefined && now - oldest.at > this.limits.maxAgeMs;
  }

  trim(now: number, limits: StreamLimits = this.limits): void {
    let first = Math.max(this.#first, this.#entries.length - limits.maxSize);
    for (let entry = this.#entries[first]; entry !== undefined; entry = this.#entries[++first]) {
      if (now - entry.at <= limits.maxAgeMs) break;
    }
    this.#drop(first);
  }

  dropBefore(offset: number): void {
    this.#drop(Math.min(this.#entries.length, Math.max(this.#first, this.#first + offset - this.first)));
  }

  /** Publications after the offset, oldest first. */
  after(offset: number, limit: number): StreamEntry[] {
    const skip = Math.max(0, offset + 1 - this.first);
    return this.#entries.slice(this.#first + skip, this.#first + skip + limit);
  }

  /** The newest publications, oldest first. */
  newest(limit: number): StreamEntry[] {
    return this.#entries.slice(Math.max(this.#first, this.#entries.length - limit));
  }

  /**
   * Returns why the publications after the position are incomplete; `undefined` if they are complete. `life` is the
   * store's current life.
   */
  gapAfter(epoch: string, offset: number, life: number): GapReason | undefined {
    const dot = epoch.lastIndexOf('.');
    const theirLife = parseInt(epoch.slice(dot + 1), 36);
    const oldest = this.lives[0]?.[0] ?? Infinity;
    if (epoch.slice(0, dot) !== this.id || !(theirLife >= oldest && theirLife <= life)) return 'epoch';
    // A life that is not listed left no publications: up to the start of the next life, offsets are those of earlier
    // lives.
    const next = this.lives.find(([each]) => each > theirLife);
    if (next !== undefined && next[1] <= offset) return 'forked';
    if (offset > this.top) return theirLife === life ? 'ahead' : 'forked';
    return offset < this.first - 1 ? 'trimmed' : undefined;
  }

  #drop(first: number): void {
    for (; this.#first < first; this.#first++) {
      this.bytes -= entryBytes + (this.#entries[this.#first]?.payload.length ?? 0);
    }
    // Compact in batches, so that trimming one entry at a time does not move all others each time.
    if (this.#first > 32 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}
