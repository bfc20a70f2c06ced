import { randomBytes } from 'node:crypto';
import { Changes } from './changes.js';
import { Publishers, newKnownPublications } from './publishers.js';
import type { Once } from './publishers.js';
import { Stream, headBytes } from './stream.js';
import type { StreamEntry, StreamLimits } from './stream.js';

/** Milliseconds for which an empty stream is kept after its last use, so that positions in it stay valid. */
const headIdleMs = 24 * 3_600_000;
/** Maximum number of streams checked per sweep, to keep it short. */
const sweepCount = 5000;

/** The streams of all channels, the least recently used first. */
export class Streams {
  /** The current life, to which new offsets belong. A new life begins after an unclean shutdown. */
  life = 1;
  /** Accepted publications that may be resent. */
  readonly publishers = new Publishers();
  readonly #changes: Changes;
  readonly #maxStreams: number;
  readonly #streams = new Map<string, Stream>();
  /** Streams that keep publications, the least recently used first. */
  readonly #filled = new Set<Stream>();
  #entryBytes = 0;
  #bytes = 0;
  #sweeping: Iterator<Stream> | undefined;

  /** Beyond `maxStreams` the least recently used streams are removed, and their readers get a new epoch. */
  constructor(changes = new Changes(), maxStreams = Infinity) {
    this.#changes = changes;
    this.#maxStreams = maxStreams;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Approximate memory of all streams in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Approximate memory of the publications alone in bytes. */
  get entryBytes(): number {
    return this.#entryBytes;
  }

  channels(): string[] {
    return [...this.#streams.keys()];
  }

  names(): IterableIterator<string> {
    return this.#streams.keys();
  }

  /** Begins a measurement: records the top of each stream. */
  mark(): void {
    for (const stream of this.#streams.values()) stream.marked = stream.top;
  }

  get(channel: string): Stream | undefined {
    return this.#streams.get(channel);
  }

  /** Returns the channel's stream, creating it if there is none. `isOwn`: the limits come from the publisher. */
  open(channel: string, limits: StreamLimits, now: number, isOwn = false): Stream {
    const before = this.#streams.get(channel);
    if (before !== undefined) {
      this.#use(before, now);
      this.limit(before, limits);
      return before;
    }
    this.#changes.beforeStreamWrite(channel);
    const stream = new Stream(channel, randomBytes(6).toString('base64url'), limits);
    stream.lives.push([this.life, 1]);
    stream.hasOwnLimits = isOwn;
    this.#add(stream, now);
    this.#changes.log?.openStream(channel, stream);
    for (const oldest of this.#streams.values()) {
      if (this.#streams.size <= this.#maxStreams) break;
      this.remove(oldest.channel);
    }
    return stream;
  }

  /** Begins a life with the restored streams. All count as used and delivered now. */
  begin(life: number, now: number): void {
    this.life = life;
    for (const stream of this.#streams.values()) {
      stream.usedAt = now;
      stream.delivered = stream.top;
    }
  }

  /** Restores a persisted stream, replacing an existing one. */
  restore(stream: Stream, now: number): void {
    this.#forget(stream.channel);
    this.#add(stream, now);
  }

  /** Sets the limits of the stream. */
  limit(stream: Stream, limits: StreamLimits): void {
    if (stream.limits.maxSize === limits.maxSize && stream.limits.maxAgeMs === limits.maxAgeMs) return;
    this.#changes.beforeStreamWrite(stream.channel);
    stream.limits = limits;
    this.#changes.log?.limitStream(stream.channel, limits);
  }

  /** Appends a publication and drops publications beyond the limits. Returns the offset. */
  append(stream: Stream, now: number, payload: string): number {
    this.#changes.beforeStreamWrite(stream.channel);
    const entry = { offset: stream.top + 1, at: now, payload };
    const isNewLife = stream.lives.at(-1)?.[0] !== this.life;
    this.#change(stream, () => {
      stream.add(entry, isNewLife ? this.life : undefined);
      stream.trim(now);
    });
    this.#use(stream, now);
    this.#changes.log?.append(stream.channel, entry, stream.first, isNewLife ? this.life : undefined);
    return entry.offset;
  }

  /** Records that the publication at the offset may be resent. */
  know(stream: Stream, once: Once, offset: number, now: number): void {
    this.publishers.add((stream.known ??= newKnownPublications()), once, offset);
    this.#changes.log?.know(stream.channel, once, offset, now);
  }

  /** Replays an `append` from the log. */
  reappend(stream: Stream, entry: StreamEntry, first: number, life: number | undefined): void {
    this.#change(stream, () => {
      stream.add(entry, life);
      stream.dropBefore(first);
    });
    this.#use(stream, entry.at);
  }

  /** Drops publications beyond the stream's own limits. Not logged, because a replay drops them again. */
  trim(stream: Stream, now: number): void {
    this.#changes.beforeStreamWrite(stream.channel);
    this.#change(stream, () => stream.trim(now));
  }

  /** Drops publications beyond the given limits, once. */
  trimTo(stream: Stream, now: number, limits: StreamLimits): void {
    this.#changes.beforeStreamWrite(stream.channel);
    this.#change(stream, () => stream.trim(now, limits));
    this.#changes.log?.trimStream(stream.channel, stream.first);
  }

  /** Drops the publications before an offset. */
  dropBefore(stream: Stream, first: number): void {
    this.#changes.beforeStreamWrite(stream.channel);
    this.#change(stream, () => stream.dropBefore(first));
    this.#changes.log?.trimStream(stream.channel, stream.first);
  }

  /**
   * Drops publications of the least recently used streams until all entries take at most `maxBytes`; those of `current`
   * last, oldest first. The empty streams are kept, so that readers detect the gap.
   */
  evict(maxBytes: number, current: Stream | undefined): void {
    if (this.#entryBytes <= maxBytes) return;
    for (const stream of this.#filled) {
      if (this.#entryBytes <= maxBytes) return;
      if (stream !== current) this.dropBefore(stream, stream.top + 1);
    }
    while (current !== undefined && current.size > 0 && this.#entryBytes > maxBytes) {
      this.dropBefore(current, current.first + Math.ceil(current.size / 2));
    }
  }

  remove(channel: string): boolean {
    if (!this.#streams.has(channel)) return false;
    this.#changes.beforeStreamWrite(channel);
    this.#forget(channel);
    this.#changes.log?.removeStream(channel);
    return true;
  }

  /** Trims some streams by age, and removes empty ones that were idle for too long. */
  sweep(now: number): void {
    this.#sweeping ??= this.#streams.values();
    for (let count = 0; count < sweepCount; count++) {
      const next = this.#sweeping.next();
      if (next.done === true) {
        this.#sweeping = undefined;
        return;
      }
      const stream = next.value;
      if (stream.isTrimDue(now)) this.trim(stream, now);
      if (stream.size === 0 && now - stream.usedAt > headIdleMs) this.remove(stream.channel);
    }
  }

  #add(stream: Stream, now: number): void {
    stream.usedAt = now;
    this.#streams.set(stream.channel, stream);
    this.#bytes += headBytes + stream.channel.length + stream.bytes;
    this.#entryBytes += stream.bytes;
    if (stream.size > 0) this.#filled.add(stream);
  }

  #forget(channel: string): void {
    const stream = this.#streams.get(channel);
    if (stream === undefined) return;
    this.#bytes -= headBytes + channel.length + stream.bytes;
    this.#entryBytes -= stream.bytes;
    this.#filled.delete(stream);
    this.#streams.delete(channel);
  }

  #use(stream: Stream, now: number): void {
    // At most once per second: the order of use need not be exact, and a sweep in progress visits each moved stream
    // again.
    if (now - stream.usedAt < 1000) return;
    stream.usedAt = now;
    this.#streams.delete(stream.channel);
    this.#streams.set(stream.channel, stream);
    if (this.#filled.delete(stream)) this.#filled.add(stream);
  }

  #change(stream: Stream, action: () => void): void {
    const before = stream.bytes;
    action();
    this.#bytes += stream.bytes - before;
    this.#entryBytes += stream.bytes - before;
    if (stream.size > 0) this.#filled.add(stream);
    else this.#filled.delete(stream);
  }
}
