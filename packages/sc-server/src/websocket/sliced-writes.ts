import type { Duplex } from 'node:stream';

/** Small enough for a slow client to receive one slice within the stall timeout. */
const sliceBytes = 65_536;

interface Piece {
  readonly bytes: Buffer;
  readonly isLarge: boolean;
  at: number;
}

/**
 * Writes a frame larger than the limit of a client's queue, and the data after it, in slices: a stream reports only the
 * completion of a whole write, so without slices a slow client could not be distinguished from a stalled one.
 */
export class SlicedWrites {
  readonly #stream: Duplex;
  readonly #onProgress: () => void;
  readonly #pieces: Piece[] = [];
  #isWriting = false;
  #unwritten = 0;
  #large = 0;
  #idleChecks = 0;

  constructor(stream: Duplex, onProgress: () => void) {
    this.#stream = stream;
    this.#onProgress = onProgress;
  }

  /** Bytes not yet written to the stream. */
  get unwrittenBytes(): number {
    return this.#unwritten;
  }

  /** Bytes of large frames that have not been flushed to the client. */
  get largeBytes(): number {
    return this.#large;
  }

  get isEmpty(): boolean {
    return this.#pieces.length === 0 && !this.#isWriting;
  }

  push(bytes: Buffer, isLarge: boolean): void {
    this.#pieces.push({ bytes, isLarge, at: 0 });
    this.#unwritten += bytes.length;
    if (isLarge) this.#large += bytes.length;
    this.#writeNext();
  }

  /** Counts a check without progress since the last write completed. Returns the number of such checks in a row. */
  countIdle(): number {
    return ++this.#idleChecks;
  }

  /** Writes all remaining data to the stream, so that it can be ended. */
  release(): void {
    for (const { bytes, at } of this.#pieces.splice(0)) this.#stream.write(bytes.subarray(at));
    this.#unwritten = 0;
  }

  #writeNext(): void {
    const piece = this.#pieces[0];
    if (this.#isWriting || piece === undefined) return;
    const slice = piece.bytes.subarray(piece.at, piece.at + sliceBytes);
    piece.at += slice.length;
    if (piece.at >= piece.bytes.length) this.#pieces.shift();
    this.#unwritten -= slice.length;
    this.#isWriting = true;
    this.#stream.write(slice, (error) => {
      // The stream closes by itself after an error.
      if (error) return;
      this.#isWriting = false;
      this.#idleChecks = 0;
      if (piece.isLarge) this.#large -= slice.length;
      this.#onProgress();
      this.#writeNext();
    });
  }
}
