import type { KnownPublications } from './publishers.js';

/** Limits of a stream. */
export interface StreamLimits {
  /** Publications. */
  readonly maxSize: number;
  /** Milliseconds. */
  readonly maxAgeMs: number;
}

export interface StreamEntry {
  readonly offset: number;
  /** When it was appended, in milliseconds since 1970. */
  readonly at: number;
  /** The payload, one byte per character. */
  readonly payload: string;
}

/** A life of the store, and the first offset it gave in the stream. */
export type StreamLife = readonly [life: number, from: number];

/** Why what follows a position cannot be told completely. */
export type GapReason = 'epoch' | 'forked' | 'ahead' | 'trimmed' | 'tooMuch';

/** Memory of an entry besides its payload, and of a stream besides its entries. */
const entryBytes = 80;
export const headBytes = 240;
/** Lives that a stream remembers; positions of earlier ones are answered with `epoch`. */
const maxLives = 16;

/** The past publications of a channel. Its id tells it from a stream that was there before. */
export class Stream {
  readonly channel: string;
  readonly id: string;
  /** The lives of the store in which it was appended to, newest last. */
  readonly lives: StreamLife[] = [];
  /** The offset of the newest publication; 0 before the first. */
  top: number;
  /** The newest offset that subscribers were given: what is being written to the log comes after it. */
  delivered: number;
  /** Where `top` was when the last measurement of activity began. */
  marked: number;
  limits: StreamLimits;
  /** Its limits come from the publisher that began it: no channel rule applied. */
  hasOwnLimits = false;
  /** Time of the last append or read. */
  usedAt = 0;
  bytes = 0;
  /** Publications that may be sent again, once there are some. */
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

  /** The epoch of the positions it gives: its id and its newest life. */
  get epoch(): string {
    return `${this.id}.${(this.lives.at(-1)?.[0] ?? 0).toString(36)}`;
  }

  /** Its epoch, if the newest publication is the first of that epoch. Hot path. */
  get newEpoch(): string | undefined {
    return this.lives.at(-1)?.[1] === this.top ? this.epoch : undefined;
  }

  /** Number of publications kept. */
  get size(): number {
    return this.#entries.length - this.#first;
  }

  /** The offset of the oldest publication kept, or of the next one. */
  get first(): number {
    return this.top - this.size + 1;
  }

  /** Puts an entry with its own offset, as the newest; it begins a life when one is given. */
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

  /** Whether there is something to drop for its age. */
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

  /** Why what follows the position cannot be told completely; `undefined` when it can. `life` is the store's present one. */
  gapAfter(epoch: string, offset: number, life: number): GapReason | undefined {
    const dot = epoch.lastIndexOf('.');
    const theirLife = parseInt(epoch.slice(dot + 1), 36);
    const oldest = this.lives[0]?.[0] ?? Infinity;
    if (epoch.slice(0, dot) !== this.id || !(theirLife >= oldest && theirLife <= life)) return 'epoch';
    // A life that is not listed gave nothing that is still there: up to the next one its offsets are those of before.
    const next = this.lives.find(([each]) => each > theirLife);
    if (next !== undefined && next[1] <= offset) return 'forked';
    if (offset > this.top) return theirLife === life ? 'ahead' : 'forked';
    return offset < this.first - 1 ? 'trimmed' : undefined;
  }

  #drop(first: number): void {
    for (; this.#first < first; this.#first++) {
      this.bytes -= entryBytes + (this.#entries[this.#first]?.payload.length ?? 0);
    }
    // In batches, so that trimming one at a time does not move all the others every time.
    if (this.#first > 32 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}
