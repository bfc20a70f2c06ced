const leastCapacity = 256;

/**
 * Collects bytes that arrive in pieces. Allocates at most twice the received bytes, regardless of the announced length.
 */
export class GatheredBytes {
  readonly #limit: number;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  /** `limit` is the maximum total length; the buffer never grows beyond it. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes received so far; changes when more arrive. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Appends the bytes of `source` from `from` to `to`. */
  append(source: Buffer, from: number, to: number): void {
    const wanted = this.#length + to - from;
    if (wanted > this.#bytes.length) {
      const capacity = Math.min(this.#limit, Math.max(leastCapacity, wanted, this.#bytes.length * 2));
      const roomier = Buffer.allocUnsafeSlow(capacity);
      roomier.set(this.bytes);
      this.#bytes = roomier;
    }
    source.copy(this.#bytes, this.#length, from, to);
    this.#length = wanted;
  }
}
