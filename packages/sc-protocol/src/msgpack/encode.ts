import { checkFrames, isBinary, maxMessageLevels, maxNestingDepth, tooDeep } from '../json.js';
import { ByteWriter } from './byte-writer.js';

const utf8 = new TextEncoder();

/** Encodes a value as JSON would see it. Throws `RangeError` if it is nested too deep, `TypeError` for a BigInt. */
export function encodeMsgpack(value: unknown): Uint8Array {
  const writer = new ByteWriter();
  write(writer, asJson(value, ''), 1);
  // Only deep values need the check by frame kind.
  if (writer.deepest > maxNestingDepth) checkFrames(value);
  return writer.written;
}

/** Converts a value as JSON does before encoding; `undefined` for values that JSON omits. */
function asJson(value: unknown, key: string): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null || isBinary(value)) return value;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON !== 'function') return unboxed(value);
  // `toJSON` is applied once, not to its own result.
  const given = (value as { toJSON(key: string): unknown }).toJSON(key);
  return typeof given === 'function' || typeof given === 'symbol' ? undefined : unboxed(given);
}

function unboxed(value: unknown): unknown {
  return value instanceof Number || value instanceof String || value instanceof Boolean ? value.valueOf() : value;
}

function write(writer: ByteWriter, value: unknown, depth: number): void {
  if (typeof value === 'string') writeText(writer, value);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'boolean') writer.byte(value ? 0xc3 : 0xc2);
  else if (typeof value === 'object' && value !== null) writeObject(writer, value, depth);
  else if (typeof value === 'bigint') throw new TypeError('A BigInt cannot be encoded');
  else writer.byte(0xc0);
}

function writeText(writer: ByteWriter, text: string): void {
  const bytes = utf8.encode(text);
  if (bytes.length < 32) writer.byte(0xa0 | bytes.length);
  else writeLength(writer, bytes.length, 0xd9, 0xda, 0xdb);
  writer.bytes(bytes);
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (!Number.isFinite(value)) writer.byte(0xc0);
  else if (!Number.isSafeInteger(value)) writer.float64(0xcb, value);
  else if (value >= 0) writeUnsigned(writer, value);
  else if (value >= -0x20) writer.byte(value);
  else if (value >= -0x80) writer.uint(0xd0, value, 1);
  else if (value >= -0x8000) writer.uint(0xd1, value, 2);
  else if (value >= -0x80000000) writer.uint(0xd2, value, 4);
  else writer.int64(0xd3, value);
}

function writeUnsigned(writer: ByteWriter, value: number): void {
  if (value < 0x80) writer.byte(value);
  else if (value <= 0xffffffff) writeLength(writer, value, 0xcc, 0xcd, 0xce);
  else writer.int64(0xcf, value);
}

function writeObject(writer: ByteWriter, value: object, depth: number): void {
  const bytes = binaryOf(value);
  if (bytes) {
    writeLength(writer, bytes.length, 0xc4, 0xc5, 0xc6);
    writer.bytes(bytes);
    return;
  }
  if (depth > maxMessageLevels) throw new RangeError(`Data ${tooDeep}`);
  if (depth > writer.deepest) writer.deepest = depth;
  if (Array.isArray(value)) {
    writeCount(writer, value.length, 0x90, 0xdc, 0xdd);
    for (let i = 0; i < value.length; i++) write(writer, asJson(value[i], String(i)), depth + 1);
    return;
  }
  const entries: [string, unknown][] = [];
  for (const key of Object.keys(value)) {
    const item = asJson((value as Record<string, unknown>)[key], key);
    if (item !== undefined) entries.push([key, item]);
  }
  writeCount(writer, entries.length, 0x80, 0xde, 0xdf);
  for (const [key, item] of entries) {
    writeText(writer, key);
    write(writer, item, depth + 1);
  }
}

function writeCount(writer: ByteWriter, count: number, short: number, format16: number, format32: number): void {
  if (count < 16) writer.byte(short | count);
  else if (count <= 0xffff) writer.uint(format16, count, 2);
  else writer.uint(format32, count, 4);
}

function writeLength(writer: ByteWriter, length: number, format8: number, format16: number, format32: number): void {
  if (length <= 0xff) writer.uint(format8, length, 1);
  else if (length <= 0xffff) writer.uint(format16, length, 2);
  else writer.uint(format32, length, 4);
}

function binaryOf(value: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}
