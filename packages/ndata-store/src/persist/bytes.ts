import { Buffer } from 'node:buffer';
import { InvalidFrameError } from 'sc-protocol';

/** Collects the content of a record. */
export class ByteWriter {
  #buffer: Buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
    // Shrink, so that one large value does not hold memory forever.
    if (this.#buffer.length > 1024 * 1024) this.#buffer = Buffer.allocUnsafe(1024);
  }

  uint8(value: number): void {
    this.#need(1);
    this.#buffer[this.#length++] = value;
  }

  uint32(value: number): void {
    this.#need(4);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  float64(value: number): void {
    this.#need(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  /** Writes a stored value: one byte per character. */
  stored(value: string): void {
    this.uint32(value.length);
    this.#need(value.length);
    this.#length += this.#buffer.write(value, this.#length, 'latin1');
  }

  /** Writes any text. UTF-8 cannot encode a lone surrogate, so a text that contains one is written as UTF-16. */
  text(value: string): void {
    const isUtf8 = (value as string & { isWellFormed: () => boolean }).isWellFormed();
    const encoding = isUtf8 ? 'utf8' : 'utf16le';
    const bytes = Buffer.byteLength(value, encoding);
    this.uint32(bytes * 2 + (isUtf8 ? 0 : 1));
    this.#need(bytes);
    this.#length += this.#buffer.write(value, this.#length, encoding);
  }

  keys(keys: readonly string[]): void {
    this.uint8(keys.length);
    for (const key of keys) this.text(key);
  }

  /** The collected bytes. Valid until the next change. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #need(bytes: number): void {
    const length = this.#length + bytes;
    if (length <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(length, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

/** Reads the output of a {@link ByteWriter}. Throws `InvalidFrameError` if the bytes end too soon. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#buffer.length;
  }

  uint8(): number {
    return this.#buffer.readUInt8(this.#take(1));
  }

  uint32(): number {
    return this.#buffer.readUInt32LE(this.#take(4));
  }

  float64(): number {
    return this.#buffer.readDoubleLE(this.#take(8));
  }

  stored(): string {
    const bytes = this.uint32();
    const from = this.#take(bytes);
    return this.#buffer.toString('latin1', from, from + bytes);
  }

  text(): string {
    const head = this.uint32();
    const bytes = Math.floor(head / 2);
    const from = this.#take(bytes);
    return this.#buffer.toString(head % 2 === 0 ? 'utf8' : 'utf16le', from, from + bytes);
  }

  keys(): string[] {
    const count = this.uint8();
    const keys: string[] = [];
    for (let i = 0; i < count; i++) keys.push(this.text());
    return keys;
  }

  /** Advances by `bytes`. Returns the start of the skipped bytes. */
  #take(bytes: number): number {
    const from = this.#at;
    if (from + bytes > this.#buffer.length) {
      throw new InvalidFrameError('A record ends before its content does', { field: 'length' });
    }
    this.#at += bytes;
    return from;
  }
}
