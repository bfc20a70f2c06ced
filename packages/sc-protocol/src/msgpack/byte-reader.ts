import { type FrameLimitName, invalidFrame } from '../dialects/invalid-frame.js';

/** Reads a message from its start. Every length is checked against the remaining bytes before anything is allocated. */
export class ByteReader {
  /** Depth of the deepest value read. */
  deepest = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint(size: 1 | 2 | 4): number {
    const at = this.#take(size);
    return size === 1 ? this.#view.getUint8(at) : size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  int(size: 1 | 2 | 4): number {
    const at = this.#take(size);
    return size === 1 ? this.#view.getInt8(at) : size === 2 ? this.#view.getInt16(at) : this.#view.getInt32(at);
  }

  bigUint(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  bigInt(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  float(size: 4 | 8): number {
    const at = this.#take(size);
    return size === 4 ? this.#view.getFloat32(at) : this.#view.getFloat64(at);
  }

  /** Returns a view that shares memory with the message. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  #take(size: number): number {
    if (size > this.left) throw invalidMsgpack('must not end early');
    const at = this.#at;
    this.#at += size;
    return at;
  }
}

export function invalidMsgpack(rule: string, limit?: FrameLimitName): Error {
  return invalidFrame('MessagePack', 'bytes', rule, undefined, undefined, limit);
}
