import type { Encoding } from './encoding.js';
import type { PublicationPosition } from 'sc-protocol';

/** Publications that a ring holds, at most. */
const maxCount = 256;
/** Bytes of their payloads, at most. */
const maxBytes = 256 * 1024;

/** A publication of the past, as it is sent to those who missed it. */
export class PastPublication {
  readonly offset: number;
  /** JSON; bytes that are not shared. */
  readonly payload: Uint8Array;
  /** When it was published, in milliseconds since 1970. */
  readonly at: number;
  #frames: Map<Encoding, Buffer> | undefined;

  constructor(offset: number, payload: Uint8Array, at: number) {
    this.offset = offset;
    this.payload = payload;
    this.at = at;
  }

  get position(): PublicationPosition {
    return { offset: this.offset };
  }

  /** The frame for one encoding, made once. Throws what the codec throws for data that it cannot encode. */
  frame(channel: string, encoding: Encoding): Buffer {
    let frame = this.#frames?.get(encoding);
    if (frame === undefined) {
      frame = encoding.framePublication(channel, this.payload, this.position);
      (this.#frames ??= new Map()).set(encoding, frame);
    }
    return frame;
  }
}

/** The last publications of a feed, without a gap among them. */
export class FeedRing {
  #entries: PastPublication[] = [];
  #first = 0;
  #bytes = 0;

  /** Number of publications. */
  get size(): number {
    return this.#entries.length - this.#first;
  }

  /** Hot path. Adds the publication behind the newest; one that does not follow that takes the place of all. */
  push(entry: PastPublication): void {
    const last = this.#entries.at(-1);
    if (last !== undefined && last.offset + 1 !== entry.offset) this.clear();
    this.#entries.push(entry);
    this.#bytes += entry.payload.length;
    while (this.size > maxCount || (this.#bytes > maxBytes && this.size > 0)) {
      this.#bytes -= this.#entries[this.#first]?.payload.length ?? 0;
      this.#first++;
    }
    // In batches, so that dropping one does not move all the others every time.
    if (this.#first > 64 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    this.#entries = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  /** Everything after the offset; `undefined` when that is not all here. The newest one is at `tail`. */
  after(offset: number, tail: number): readonly PastPublication[] | undefined {
    if (offset === tail) return [];
    const first = this.#entries[this.#first];
    if (offset > tail || first === undefined || offset < first.offset - 1) return undefined;
    return this.#entries.slice(this.#first + offset + 1 - first.offset);
  }

  /** The newest `count` publications; `undefined` if the ring has fewer and the stream may have more. */
  newest(count: number): readonly PastPublication[] | undefined {
    const isWhole = this.#entries[this.#first]?.offset === 1;
    if (this.size < count && !isWhole) return undefined;
    return this.#entries.slice(Math.max(this.#first, this.#entries.length - count));
  }
}
