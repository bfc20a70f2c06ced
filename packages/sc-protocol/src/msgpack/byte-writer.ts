const initialBytes = 256;

/** Collects bytes in a buffer that grows as needed. */
export class ByteWriter {
  /** Depth of the deepest value written. */
  deepest = 0;
  #bytes = new Uint8Array(initialBytes);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** The bytes written so far; a view that shares memory with the writer. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  byte(value: number): void {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
  }

  /** Writes a format byte and the number after it, in `size` bytes. */
  uint(format: number, value: number, size: 1 | 2 | 4): void {
    this.byte(format);
    const at = this.#take(size);
    if (size === 1) this.#view.setUint8(at, value);
    else if (size === 2) this.#view.setUint16(at, value);
    else this.#view.setUint32(at, value);
  }

  int64(format: number, value: number): void {
    this.byte(format);
    const at = this.#take(8);
    this.#view.setBigInt64(at, BigInt(value));
  }

  float64(format: number, value: number): void {
    this.byte(format);
    const at = this.#take(8);
    this.#view.setFloat64(at, value);
  }

  bytes(value: Uint8Array): void {
    const at = this.#take(value.length);
    this.#bytes.set(value, at);
  }

  /** Reserves space. May replace the view: reserve first, then write. */
  #take(size: number): number {
    const at = this.#length;
    const needed = at + size;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return at;
  }
}
