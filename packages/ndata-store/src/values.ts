import { Buffer } from 'node:buffer';
import { InvalidArgumentsError, encodeJson, reviveBinary } from 'sc-protocol';

/** An encoded value: text that is still to be written as UTF-8, or finished bytes. */
export type Encoded = string | Uint8Array;

/**
 * An encoded value at rest: its bytes, one per character. Such a string takes half the memory of a Buffer, and is
 * immutable.
 */
export type StoredValue = string;

/** Texts and binary data need no JSON; no JSON text begins with these bytes. */
const textTag = '\u0001';
const textTagByte = 1;
const binaryTagByte = 2;

/** Encodes a value. `undefined` becomes `null`, as in JSON. Throws `InvalidArgumentsError` if it cannot be encoded. */
export function encodeValue(value: unknown): Encoded {
  if (typeof value === 'string') return isWellFormed(value) ? textTag + value : JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return encodeBinary(value);
  try {
    return encodeJson(value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentsError(`The value cannot be encoded: ${reason}`, undefined, { cause: error });
  }
}

const noBytes = new Uint8Array(0);

/** Encodes the data of a publication or a member: as a value, and no data as no bytes. */
export function encodeData(data: unknown): Encoded {
  return data === undefined ? noBytes : encodeValue(data);
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Decodes the bytes from `start` to `end`. No bytes at all mean `undefined`. Throws on malformed JSON. */
export function decodeValue(bytes: Buffer, start = 0, end: number = bytes.length): unknown {
  if (start >= end) return undefined;
  const tag = bytes[start];
  if (tag === textTagByte) return bytes.toString('utf8', start + 1, end);
  if (tag === binaryTagByte) return new Uint8Array(bytes.subarray(start + 1, end));
  const text = bytes.toString('utf8', start, end);
  const value: unknown = JSON.parse(text);
  return text.includes('"base64"') ? reviveBinary(value) : value;
}

/** Decodes a value at rest. */
export function decodeStored(stored: StoredValue): unknown {
  return decodeValue(Buffer.from(stored, 'latin1'));
}

/** Encodes a value straight into its form at rest. */
export function encodeStored(value: unknown): StoredValue {
  return toStored(encodeValue(value));
}

/** Texts whose UTF-8 has one byte per character. */
const asciiPattern = /^[\0-\x7f]*$/;

/** Brings an encoded value to rest. Opening a large value does this for each of its entries. */
export function toStored(encoded: Encoded): StoredValue {
  if (typeof encoded === 'string' && asciiPattern.test(encoded)) return encoded;
  return toBytes(encoded).toString('latin1');
}

/** The bytes of an encoded value; does not copy those that exist. */
export function toBytes(encoded: Encoded): Buffer {
  if (typeof encoded === 'string') return Buffer.from(encoded, 'utf8');
  return Buffer.isBuffer(encoded) ? encoded : Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
}

/** The JSON of a value at rest as bytes at rest, to stand inside other JSON. */
export function storedToJson(stored: StoredValue): StoredValue {
  const tag = stored.charCodeAt(0);
  if (tag !== textTagByte && tag !== binaryTagByte) return stored;
  if (tag === textTagByte && asciiPattern.test(stored)) return JSON.stringify(stored.slice(1));
  return Buffer.from(encodeJson(decodeStored(stored)), 'utf8').toString('latin1');
}

/** Whether a value at rest is an object or an array, so that keys can lead into it. */
export function isStoredStructure(stored: StoredValue): boolean {
  const first = stored.charCodeAt(0);
  return first === 0x7b || first === 0x5b;
}

function encodeBinary(value: ArrayBufferView | ArrayBuffer): Uint8Array {
  const source = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
  const bytes = Buffer.allocUnsafe(source.length + 1);
  bytes[0] = binaryTagByte;
  bytes.set(source, 1);
  return bytes;
}

/** UTF-8 cannot hold half of a surrogate pair; JSON escapes it. */
export function isWellFormed(text: string): boolean {
  // Node 20 has it, the ES2022 types do not.
  return (text as string & { isWellFormed: () => boolean }).isWellFormed();
}
