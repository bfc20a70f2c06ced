import { Buffer } from 'node:buffer';
import { InvalidFrameError } from 'sc-protocol';
import { frameHeaderBytes, wireVersion } from './frame.js';

const none: Buffer = Buffer.alloc(0);

/**
 * Splits a byte stream into frames, regardless of chunk boundaries. After `next()` has returned true, the fields
 * describe the frame until the next call. Never allocates memory for bytes that have not arrived.
 */
export class FrameReader {
  code = 0;
  id = 0;
  /** The body is in `buffer` from `start` to `end`. */
  buffer: Buffer = none;
  start = 0;
  end = 0;

  readonly #maxFrameBytes: number;
  #chunk: Buffer = none;
  #offset = 0;
  /** End of the received bytes in the chunk. */
  #limit = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #neededBytes = 0;
  /** The borrowed chunk, which {@link settle} returns to its owner. */
  #borrowed: Buffer | undefined;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Like {@link push}, for the first `length` bytes of a buffer that may change after the next {@link settle}. */
  lend(buffer: Buffer, length: number): void {
    if (this.#isBetweenFrames()) {
      // Hot path: do not create a view for each read.
      this.#begin((this.#borrowed = buffer), length);
    } else {
      this.push((this.#borrowed = buffer.subarray(0, length)));
    }
  }

  /** Adds bytes. The reader and its frames refer to them, so they must not be modified. */
  push(chunk: Buffer): void {
    if (this.#isBetweenFrames()) {
      this.#begin(chunk, chunk.length);
      return;
    }
    this.#keepRest();
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    // Concatenate only when the frame is complete, so that a large frame is not copied once per chunk.
    if (this.#waitingBytes < this.#neededBytes) return;
    this.#begin(Buffer.concat(this.#waiting, this.#waitingBytes), this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** Reads the next frame, if it is complete. Throws `InvalidFrameError` on a malformed header. */
  next(): boolean {
    if (this.#waitingBytes > 0) return false;
    const chunk = this.#chunk;
    const at = this.#offset;
    const available = this.#limit - at;
    if (available < 4) {
      this.#neededBytes = 4;
      return false;
    }
    const length = chunk.readUInt32LE(at);
    if (length + 4 < frameHeaderBytes || length > this.#maxFrameBytes) {
      throw new InvalidFrameError(
        `A frame's length must be between ${frameHeaderBytes - 4} and ${this.#maxFrameBytes} bytes, got ${length}`,
        { field: 'length' },
      );
    }
    if (available >= 5 && chunk[at + 4] !== wireVersion) {
      throw new InvalidFrameError(`A frame's version must be ${wireVersion}, got ${Number(chunk[at + 4])}`, {
        field: 'version',
      });
    }
    if (available < length + 4) {
      this.#neededBytes = length + 4;
      return false;
    }
    this.buffer = chunk;
    this.code = chunk.readUInt8(at + 5);
    this.id = chunk.readUInt32LE(at + 6);
    this.start = at + frameHeaderBytes;
    this.end = at + 4 + length;
    this.#offset = this.end;
    return true;
  }

  /**
   * Copies the bytes from `start` to `end` of {@link buffer} if they belong to a borrowed chunk, together with the rest
   * of the chunk, so that all of them share one copy.
   */
  keep(start: number, end: number): Buffer {
    if (this.buffer !== this.#borrowed) return this.buffer.subarray(start, end);
    const copy = Buffer.allocUnsafe(this.#limit - start);
    this.buffer.copy(copy, 0, start, this.#limit);
    this.#offset -= start;
    this.#limit -= start;
    this.start -= start;
    this.end -= start;
    this.#chunk = this.buffer = copy;
    this.#borrowed = undefined;
    return copy.length === end - start ? copy : copy.subarray(0, end - start);
  }

  /** Copies the unread rest of a borrowed chunk. */
  settle(): void {
    const borrowed = this.#borrowed;
    if (borrowed === undefined) return;
    this.#borrowed = undefined;
    if (this.#chunk === borrowed) {
      const hasRest = this.#offset < this.#limit;
      const rest = hasRest ? Buffer.from(borrowed.subarray(this.#offset, this.#limit)) : none;
      this.#begin(rest, rest.length);
    } else if (this.#waiting.at(-1) === borrowed) {
      this.#waiting[this.#waiting.length - 1] = Buffer.from(borrowed);
    }
  }

  #isBetweenFrames(): boolean {
    return this.#waitingBytes === 0 && this.#offset >= this.#limit;
  }

  #begin(chunk: Buffer, length: number): void {
    this.#chunk = chunk;
    this.#offset = 0;
    this.#limit = length;
  }

  #keepRest(): void {
    if (this.#offset >= this.#limit) return;
    const rest = this.#chunk.subarray(this.#offset, this.#limit);
    this.#waiting.push(rest);
    this.#waitingBytes += rest.length;
    this.#begin(none, 0);
  }
}
