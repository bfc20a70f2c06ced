import { InvalidFrameError, maxNestingDepth } from 'sc-protocol';

/** Maximum nesting of a message: that of its data, plus the enclosing frame and batch. */
const maxDepth = maxNestingDepth + 4;

/**
 * Validates the structure of a MessagePack message before an external codec decodes it, in one pass without allocation:
 * every declared length must be covered by received bytes, and nesting is limited. Some codecs allocate memory for any
 * declared length. Throws `InvalidFrameError`.
 */
export function checkMsgpack(message: Uint8Array): void {
  const bytes = new DataView(message.buffer, message.byteOffset, message.byteLength);
  /** Number of values left in each open container, outermost first. */
  const open: number[] = [];
  let at = 0;
  let left = 1;
  do {
    const value = valueAt(bytes, at);
    at = value.end;
    left -= 1;
    if (value.items > 0) {
      if (at + value.items > bytes.byteLength) throw invalid('must not end early');
      if (open.length + 1 > maxDepth)
        throw invalid(`must not be nested deeper than ${maxNestingDepth} levels`, 'nesting');
      open.push(left);
      left = value.items;
    }
    while (left === 0 && open.length > 0) left = open.pop() ?? 0;
  } while (left > 0);
  if (at !== bytes.byteLength) throw invalid('must hold one value only');
}

/** Whether the bytes are a single MessagePack value. */
export function isMsgpack(message: unknown): boolean {
  const bytes = message instanceof ArrayBuffer ? new Uint8Array(message) : message;
  if (!(bytes instanceof Uint8Array)) return false;
  try {
    checkMsgpack(bytes);
    return true;
  } catch {
    return false; // Another format.
  }
}

interface Scanned {
  /** Offset of the next value. */
  readonly end: number;
  /** Number of nested values that follow. */
  readonly items: number;
}

function valueAt(bytes: DataView, at: number): Scanned {
  const format = at < bytes.byteLength ? bytes.getUint8(at) : 0;
  const value = scan(bytes, at + 1, format);
  if (value.end > bytes.byteLength) throw invalid('must not end early');
  return value;
}

/** `at` is the offset after the format byte. */
function scan(bytes: DataView, at: number, format: number): Scanned {
  if (format < 0x80 || format >= 0xe0) return { end: at, items: 0 };
  if (format < 0x90) return { end: at, items: (format & 0x0f) * 2 };
  if (format < 0xa0) return { end: at, items: format & 0x0f };
  if (format < 0xc0) return { end: at + (format & 0x1f), items: 0 };
  switch (format) {
    case 0xc4: // bin
    case 0xc5:
    case 0xc6:
      return sized(bytes, at, 2 ** (format - 0xc4), 0);
    case 0xc7: // ext
    case 0xc8:
    case 0xc9:
      return sized(bytes, at, 2 ** (format - 0xc7), 1);
    case 0xca: // numbers
    case 0xce:
    case 0xd2:
      return { end: at + 4, items: 0 };
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return { end: at + 8, items: 0 };
    case 0xcc:
    case 0xd0:
      return { end: at + 1, items: 0 };
    case 0xcd:
    case 0xd1:
      return { end: at + 2, items: 0 };
    case 0xd4: // fixext
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return { end: at + 1 + 2 ** (format - 0xd4), items: 0 };
    case 0xd9: // str
    case 0xda:
    case 0xdb:
      return sized(bytes, at, 2 ** (format - 0xd9), 0);
    case 0xdc: // array
    case 0xdd:
      return counted(bytes, at, format === 0xdc ? 2 : 4, 1);
    case 0xde: // map
    case 0xdf:
      return counted(bytes, at, format === 0xde ? 2 : 4, 2);
    default: // nil, booleans, and 0xc1, which is never used
      return { end: at, items: 0 };
  }
}

function sized(bytes: DataView, at: number, width: number, extra: number): Scanned {
  return { end: at + width + extra + uint(bytes, at, width), items: 0 };
}

function counted(bytes: DataView, at: number, width: number, valuesEach: number): Scanned {
  return { end: at + width, items: uint(bytes, at, width) * valuesEach };
}

function uint(bytes: DataView, at: number, width: number): number {
  if (at + width > bytes.byteLength) throw invalid('must not end early');
  if (width === 1) return bytes.getUint8(at);
  return width === 2 ? bytes.getUint16(at) : bytes.getUint32(at);
}

function invalid(rule: string, limit?: 'nesting'): InvalidFrameError {
  return new InvalidFrameError(`Invalid MessagePack: ${rule}`, {
    field: 'bytes',
    ...(limit !== undefined && { limit }),
  });
}
