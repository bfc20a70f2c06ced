/** What a stream keeps. */
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

/** What an entry costs beside its payload. */
const entryBytes = 80;

/** The past publications of a channel. Its epoch tells it from the one that was there before. */
export class Stream {
  readonly epoch: string;
  /** The offset of the newest publication; 0 before the first. */
  top: number;
  limits: StreamLimits;
  bytes = 0;
  #entries: StreamEntry[] = [];
  #first = 0;

  constructor(epoch: string, limits: StreamLimits, top = 0) {
    this.epoch = epoch;
    this.limits = limits;
    this.top = top;
  }

  /** Number of publications kept. */
  get size(): number {
    return this.#entries.length - this.#first;
  }

  /** When the newest publication kept was appended, or `undefined` when none is. */
  get newestAt(): number | undefined {
    return this.#entries.at(-1)?.at;
  }

  append(at: number, payload: string): number {
    this.restore({ offset: this.top + 1, at, payload });
    return this.top;
  }

  /** Puts an entry with its own offset, as the newest. */
  restore(entry: StreamEntry): void {
    this.top = entry.offset;
    this.#entries.push(entry);
    this.bytes += entryBytes + entry.payload.length;
  }

  trim(now: number, limits: StreamLimits = this.limits): void {
    while (this.#first < this.#entries.length) {
      const entry = this.#entries[this.#first];
      if (entry === undefined || (this.size <= limits.maxSize && now - entry.at <= limits.maxAgeMs)) break;
      this.bytes -= entryBytes + entry.payload.length;
      this.#first++;
    }
    // In batches, so that trimming one at a time does not move all the others every time.
    if (this.#first > 32 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Publications after the offset, oldest first. */
  after(offset: number, limit: number): StreamEntry[] {
    const oldest = this.#entries[this.#first]?.offset ?? this.top + 1;
    const skip = Math.max(0, offset + 1 - oldest);
    return this.#entries.slice(this.#first + skip, this.#first + skip + limit);
  }

  /** The newest publications, oldest first. */
  newest(limit: number): StreamEntry[] {
    return this.#entries.slice(Math.max(this.#first, this.#entries.length - limit));
  }

  /** Why what follows the position cannot be told completely; `undefined` when it can. */
  gapAfter(epoch: string, offset: number): 'epoch' | 'trimmed' | 'ahead' | undefined {
    if (epoch !== this.epoch) return 'epoch';
    if (offset > this.top) return 'ahead';
    return offset < this.top - this.size ? 'trimmed' : undefined;
  }
}

/** The streams of all channels. */
export class Streams {
  readonly #streams = new Map<string, Stream>();
  #bytes = 0;

  get size(): number {
    return this.#streams.size;
  }

  /** About how many bytes all streams take. */
  get bytes(): number {
    return this.#bytes;
  }

  channels(): string[] {
    return [...this.#streams.keys()];
  }

  get(channel: string): Stream | undefined {
    return this.#streams.get(channel);
  }

  add(channel: string, stream: Stream): void {
    this.#streams.set(channel, stream);
    this.#bytes += stream.bytes;
  }

  /** Changes a stream and keeps count of its bytes. */
  change(stream: Stream, action: () => void): void {
    const before = stream.bytes;
    action();
    this.#bytes += stream.bytes - before;
  }

  remove(channel: string): boolean {
    this.#bytes -= this.#streams.get(channel)?.bytes ?? 0;
    return this.#streams.delete(channel);
  }

  /** Trims what has grown too old; returns the channels whose streams nobody can use any more. */
  sweep(now: number): string[] {
    const idle: string[] = [];
    for (const [channel, stream] of this.#streams) {
      const { newestAt } = stream;
      // Twice the age, so that a client that has everything is still told so for a while.
      if (newestAt === undefined || now - newestAt > stream.limits.maxAgeMs * 2) idle.push(channel);
      else if (now - newestAt > stream.limits.maxAgeMs) this.change(stream, () => stream.trim(now));
    }
    return idle;
  }
}
