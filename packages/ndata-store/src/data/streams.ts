import { randomBytes } from 'node:crypto';
import { Changes } from './changes.js';
import { Publishers, newKnownPublications } from './publishers.js';
import type { Once } from './publishers.js';
import { Stream, headBytes } from './stream.js';
import type { StreamEntry, StreamLimits } from './stream.js';

/** Milliseconds that the head of a stream stays after its last use: a position taken then is still valid. */
const headIdleMs = 24 * 3_600_000;
/** Streams that one sweep looks at, so that it takes no time to speak of. */
const sweepCount = 5000;

/** The streams of all channels, the least recently used first. */
export class Streams {
  /** The life that offsets are given in from now on: one that follows an unclean end is new. */
  life = 1;
  /** Which publications were taken, and may be sent again. */
  readonly publishers = new Publishers();
  readonly #changes: Changes;
  readonly #maxStreams: number;
  readonly #streams = new Map<string, Stream>();
  /** Streams that keep publications, the least recently used first. */
  readonly #filled = new Set<Stream>();
  #entryBytes = 0;
  #bytes = 0;
  #sweeping: Iterator<Stream> | undefined;

  /** Beyond `maxStreams` heads the least recently used go, and readers are told of a new epoch. */
  constructor(changes = new Changes(), maxStreams = Infinity) {
    this.#changes = changes;
    this.#maxStreams = maxStreams;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** About how many bytes all streams take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of the publications alone. */
  get entryBytes(): number {
    return this.#entryBytes;
  }

  channels(): string[] {
    return [...this.#streams.keys()];
  }

  names(): IterableIterator<string> {
    return this.#streams.keys();
  }

  /** Begins a measurement: each stream remembers where it is. */
  mark(): void {
    for (const stream of this.#streams.values()) stream.marked = stream.top;
  }

  get(channel: string): Stream | undefined {
    return this.#streams.get(channel);
  }

  /** The channel's stream, which begins now if there is none. `isOwn`: with limits of its publisher. */
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

  /** Begins a life, with the streams of before. All count as used and as delivered now. */
  begin(life: number, now: number): void {
    this.life = life;
    for (const stream of this.#streams.values()) {
      stream.usedAt = now;
      stream.delivered = stream.top;
    }
  }

  /** Puts back a stream from a file, in place of one that is there. */
  restore(stream: Stream, now: number): void {
    this.#forget(stream.channel);
    this.#add(stream, now);
  }

  /** Sets what the stream keeps from now on. */
  limit(stream: Stream, limits: StreamLimits): void {
    if (stream.limits.maxSize === limits.maxSize && stream.limits.maxAgeMs === limits.maxAgeMs) return;
    this.#changes.beforeStreamWrite(stream.channel);
    stream.limits = limits;
    this.#changes.log?.limitStream(stream.channel, limits);
  }

  /** Adds a publication as the newest and drops what is beyond the limits. Returns its offset. */
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

  /** Remembers that the publication at the offset may be sent again. */
  know(stream: Stream, once: Once, offset: number, now: number): void {
    this.publishers.add((stream.known ??= newKnownPublications()), once, offset);
    this.#changes.log?.know(stream.channel, once, offset, now);
  }

  /** Does again what `append` did. */
  reappend(stream: Stream, entry: StreamEntry, first: number, life: number | undefined): void {
    this.#change(stream, () => {
      stream.add(entry, life);
      stream.dropBefore(first);
    });
    this.#use(stream, entry.at);
  }

  /** Drops what is beyond the stream's own limits. It would be dropped again, so the log is not told. */
  trim(stream: Stream, now: number): void {
    this.#changes.beforeStreamWrite(stream.channel);
    this.#change(stream, () => stream.trim(now));
  }

  /** Drops what is beyond these limits, once. */
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
   * Drops publications of the least recently used streams until all entries together take at most so many bytes; those of
   * `current` last, the oldest first. Heads stay, so readers are told what is missing.
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

  /** Trims some streams by age, and forgets unused ones after a long time. */
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
    // The order of use need not be exact: a sweep that runs meanwhile meets a stream that moves to the end again.
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
