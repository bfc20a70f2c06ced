import { checkFrames, maxMessageLevels, maxNestingDepth, tooDeep } from '../json.js';
import { ByteReader, invalidMsgpack } from './byte-reader.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes one value that fills the whole message. Throws `InvalidFrameError` for anything else: extension types, keys
 * that are not text, invalid UTF-8, integers that a number cannot represent, deep nesting, trailing bytes.
 */
export function decodeMsgpack(bytes: Uint8Array): unknown {
  const reader = new ByteReader(bytes);
  const value = read(reader, 1);
  if (reader.left > 0) throw invalidMsgpack('must hold one value only');
  if (reader.deepest > maxNestingDepth) checkLevels(value);
  return value;
}

function checkLevels(value: unknown): void {
  try {
    checkFrames(value);
  } catch {
    throw invalidMsgpack(tooDeep, 'nesting');
  }
}

function read(reader: ByteReader, depth: number): unknown {
  const format = reader.uint(1);
  if (format < 0x80) return format;
  if (format < 0x90) return readMap(reader, format & 0x0f, depth);
  if (format < 0xa0) return readArray(reader, format & 0x0f, depth);
  if (format < 0xc0) return readText(reader, format & 0x1f);
  if (format >= 0xe0) return format - 0x100;
  switch (format) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
      return reader.bytes(reader.uint(1)).slice();
    case 0xc5:
      return reader.bytes(reader.uint(2)).slice();
    case 0xc6:
      return reader.bytes(reader.uint(4)).slice();
    case 0xca:
      return finite(reader.float(4));
    case 0xcb:
      return finite(reader.float(8));
    case 0xcc:
      return reader.uint(1);
    case 0xcd:
      return reader.uint(2);
    case 0xce:
      return reader.uint(4);
    case 0xcf:
      return safe(reader.bigUint());
    case 0xd0:
      return reader.int(1);
    case 0xd1:
      return reader.int(2);
    case 0xd2:
      return reader.int(4);
    case 0xd3:
      return safe(reader.bigInt());
    case 0xd9:
      return readText(reader, reader.uint(1));
    case 0xda:
      return readText(reader, reader.uint(2));
    case 0xdb:
      return readText(reader, reader.uint(4));
    case 0xdc:
      return readArray(reader, reader.uint(2), depth);
    case 0xdd:
      return readArray(reader, reader.uint(4), depth);
    case 0xde:
      return readMap(reader, reader.uint(2), depth);
    case 0xdf:
      return readMap(reader, reader.uint(4), depth);
    default:
      throw invalidMsgpack('must not hold extension types');
  }
}

function readText(reader: ByteReader, length: number): string {
  const bytes = reader.bytes(length);
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalidMsgpack('must hold text in UTF-8');
  }
}

function readArray(reader: ByteReader, count: number, depth: number): unknown[] {
  checkContainer(reader, count, depth);
  const items: unknown[] = [];
  for (let i = 0; i < count; i++) items.push(read(reader, depth + 1));
  return items;
}

function readMap(reader: ByteReader, count: number, depth: number): Record<string, unknown> {
  checkContainer(reader, count * 2, depth);
  const map: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const key = read(reader, depth + 1);
    if (typeof key !== 'string') throw invalidMsgpack('must have text for keys');
    const value = read(reader, depth + 1);
    // Assigning this key would set the prototype.
    if (key === '__proto__')
      Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
    else map[key] = value;
  }
  return map;
}

/** A value takes at least one byte, so reject a count that exceeds the message before reading any value. */
function checkContainer(reader: ByteReader, values: number, depth: number): void {
  if (depth > maxMessageLevels) throw invalidMsgpack(tooDeep, 'nesting');
  if (depth > reader.deepest) reader.deepest = depth;
  if (values > reader.left) throw invalidMsgpack('must not end early');
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw invalidMsgpack('must not hold integers over 53 bits');
  return number;
}
