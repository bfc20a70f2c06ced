import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { ResourceLimitError } from 'sc-protocol';
import type { Encoded } from '../values.js';
import { frameHeaderBytes, wireVersion } from './frame.js';

/** Maximum number of bytes of a text with a u16 length prefix. */
export const maxShortTextBytes = 65_535;

const initialBytes = 4 * 1024;
/** A larger buffer is released after it was written. */
const keptBytes = 128 * 1024;

/** Collects frames in one buffer, so that all output of an event loop turn is one write. */
export class FrameWriter {
  #buffer = Buffer.allocUnsafeSlow(initialBytes);
  #length = 0;
  #frameStart = 0;

  /** Bytes waiting to be flushed. */
  get length(): number {
    return this.#length;
  }

  begin(code: number, id: number): void {
    this.#reserve(frameHeaderBytes);
    this.#frameStart = this.#length;
    const at = this.#length;
    this.#buffer[at + 4] = wireVersion;
    this.#buffer[at + 5] = code;
    this.#buffer.writeUInt32LE(id, at + 6);
    this.#length = at + frameHeaderBytes;
  }

  /** Completes the frame. Returns its size in bytes. */
  end(): number {
    const bytes = this.#length - this.#frameStart;
    this.#buffer.writeUInt32LE(bytes - 4, this.#frameStart);
    return bytes;
  }

  /** Writes the keys and options of a command's body. Throws `ResourceLimitError` before it writes anything. */
  head(keys: readonly string[], options: object | undefined): void {
    const json = options === undefined ? '' : optionsJson(options);
    this.#reserve(1);
    this.#buffer[this.#length++] = keys.length;
    for (const key of keys) this.shortText(key);
    this.shortText(json);
  }

  /** Writes UTF-8 text of at most {@link maxShortTextBytes} bytes with a u16 length prefix. */
  shortText(text: string): void {
    this.#reserve(2 + text.length * 3);
    const written = this.#buffer.write(text, this.#length + 2);
    this.#buffer.writeUInt16LE(written, this.#length);
    this.#length += 2 + written;
  }

  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#buffer.write(text, this.#length);
  }

  /** Writes a string that holds one byte per character. */
  byteText(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  encoded(encoded: Encoded): void {
    if (typeof encoded === 'string') this.text(encoded);
    else this.bytes(encoded);
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  /** Reserves a u32 that {@link patch} fills in later. */
  hole(): number {
    const at = this.#length;
    this.uint32(0);
    return at;
  }

  /** Fills a hole with the number of bytes written since. */
  patch(hole: number): void {
    this.#buffer.writeUInt32LE(this.#length - hole - 4, hole);
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** Discards everything since the last `begin`. */
  abandon(): void {
    this.#length = this.#frameStart;
  }

  /** Returns a copy of the collected bytes and empties the writer. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return bytes;
  }

  /** Returns the collected bytes without copying; the writer starts a new buffer. */
  detach(): Buffer {
    const bytes = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
    this.#length = 0;
    return bytes;
  }

  /** Drops the collected bytes. */
  clear(): void {
    this.#length = 0;
  }

  /** Writes all collected bytes to the socket in one write. */
  flush(socket: Socket): void {
    if (this.#length === 0) return;
    socket.write(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    // If the socket has no pending bytes, the kernel has copied them; otherwise the buffer belongs to the socket now.
    if (socket.writableLength > 0 || this.#buffer.length > keptBytes) {
      this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
    }
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/** Encodes the options of a command as JSON. Throws `ResourceLimitError` if they exceed {@link maxShortTextBytes}. */
export function optionsJson(options: object): string {
  const json = JSON.stringify(options);
  // A UTF-16 code unit takes at most three UTF-8 bytes, so short options need no exact count.
  if (json.length * 3 <= maxShortTextBytes) return json;
  const bytes = Buffer.byteLength(json);
  if (bytes <= maxShortTextBytes) return json;
  const names = Object.keys(options).join('`, `');
  throw new ResourceLimitError(
    `The options of a command (\`${names}\`) take at most ${maxShortTextBytes} bytes as JSON, got ${bytes}`,
    { limit: 'optionBytes', max: maxShortTextBytes, actual: bytes },
  );
}
