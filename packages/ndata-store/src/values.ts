import { Buffer } from 'node:buffer';
import { InvalidArgumentsError, encodeJson, reviveBinary } from 'sc-protocol';

/** An encoded value: text to be written as UTF-8, or bytes. */
export type Encoded = string | Uint8Array;

/**
 * An encoded value as it is stored: one character per byte. The string is immutable and takes half the memory of a
 * Buffer.
 */
export type StoredValue = string;

/** Tags for text and binary data, which are not encoded as JSON. No JSON text begins with these bytes. */
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

/** Encodes the data of a publication or a member like a value, but `undefined` as no bytes. */
export function encodeData(data: unknown): Encoded {
  return data === undefined ? noBytes : encodeValue(data);
}

/** Returns a Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Decodes the bytes from `start` to `end`. An empty range is `undefined`. Throws on malformed JSON. */
export function decodeValue(bytes: Buffer, start = 0, end: number = bytes.length): unknown {
  if (start >= end) return undefined;
  const tag = bytes[start];
  if (tag === textTagByte) return bytes.toString('utf8', start + 1, end);
  if (tag === binaryTagByte) return new Uint8Array(bytes.subarray(start + 1, end));
  const text = bytes.toString('utf8', start, end);
  const value: unknown = JSON.parse(text);
  return text.includes('"base64"') ? reviveBinary(value) : value;
}

/** Decodes a stored value. */
export function decodeStored(stored: StoredValue): unknown {
  return decodeValue(Buffer.from(stored, 'latin1'));
}

/** Encodes a value directly into its stored form. */
export function encodeStored(value: unknown): StoredValue {
  return toStored(encodeValue(value));
}

/** Matches text whose UTF-8 has one byte per character. */
const asciiPattern = /^[\0-\x7f]*$/;

/** Converts an encoded value to its stored form. Opening a large value calls this once per entry. */
export function toStored(encoded: Encoded): StoredValue {
  if (typeof encoded === 'string' && asciiPattern.test(encoded)) return encoded;
  return toBytes(encoded).toString('latin1');
}

/** Returns the bytes of an encoded value. Existing bytes are not copied. */
export function toBytes(encoded: Encoded): Buffer {
  if (typeof encoded === 'string') return Buffer.from(encoded, 'utf8');
  return Buffer.isBuffer(encoded) ? encoded : Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
}

/** Converts a stored value to stored JSON that can be embedded in other JSON. */
export function storedToJson(stored: StoredValue): StoredValue {
  const tag = stored.charCodeAt(0);
  if (tag !== textTagByte && tag !== binaryTagByte) return stored;
  if (tag === textTagByte && asciiPattern.test(stored)) return JSON.stringify(stored.slice(1));
  return Buffer.from(encodeJson(decodeStored(stored)), 'utf8').toString('latin1');
}

/** Whether a stored value is an object or an array, so that keys can lead into it. */
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

/** Whether the text has no lone surrogates. UTF-8 cannot encode them; JSON escapes them. */
export function isWellFormed(text: string): boolean {
  // Available in Node 20, but missing from the ES2022 types.
  return (text as string & { isWellFormed: () => boolean }).isWellFormed();
}
