import type { Encoding } from './encoding.js';
import type { PublicationPosition } from 'sc-protocol';

/** Maximum publications in a ring. */
const maxCount = 256;
/** Maximum payload bytes in a ring. */
const maxBytes = 256 * 1024;

/** A past publication, for sending to subscribers that missed it. */
export class PastPublication {
  readonly offset: number;
  /** JSON. The buffer is not shared. */
  readonly payload: Uint8Array;
  /** Publish time in milliseconds since 1970. */
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

  /** Returns the frame for an encoding, encoded once. Throws the codec's error if the data cannot be encoded. */
  frame(channel: string, encoding: Encoding): Buffer {
    let frame = this.#frames?.get(encoding);
    if (frame === undefined) {
      frame = encoding.framePublication(channel, this.payload, this.position);
      (this.#frames ??= new Map()).set(encoding, frame);
    }
    return frame;
  }
}

/** The latest publications of a feed, without gaps. */
export class FeedRing {
  #entries: PastPublication[] = [];
  #first = 0;
  #bytes = 0;

  /** Number of publications. */
  get size(): number {
    return this.#entries.length - this.#first;
  }

  /**
   * Hot path. Appends a publication. Clears the ring first if the publication does not directly follow the newest one.
   */
  push(entry: PastPublication): void {
    const last = this.#entries.at(-1);
    if (last !== undefined && last.offset + 1 !== entry.offset) this.clear();
    this.#entries.push(entry);
    this.#bytes += entry.payload.length;
    while (this.size > maxCount || (this.#bytes > maxBytes && this.size > 0)) {
      this.#bytes -= this.#entries[this.#first]?.payload.length ?? 0;
      this.#first++;
    }
    // Compact in batches, so that dropping one entry does not move all the others.
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

  /**
   * The publications after the offset; `undefined` if some are not in the ring. `tail` is the offset of the newest
   * publication.
   */
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
