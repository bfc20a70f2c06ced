import { Buffer } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { StartError } from 'sc-protocol';

/**
 * A file of records: 8 bytes of header (magic, u8 version, three zeros), then per record u32 length, u32 CRC-32 of the
 * content, and the content, whose first byte is its kind.
 */
const magic = Buffer.from('NDLG', 'latin1');
const fileVersion = 1;
export const fileHeader = Buffer.from([...magic, fileVersion, 0, 0, 0]);

export const recordKinds = {
  /** f64 time, then per write u8 code, u32 length, body. */
  writes: 1,
  /** JSON: what belongs to no key. */
  meta: 2,
  /** u16 length and root key, then its value. */
  root: 3,
  /** JSON: key chains and when they expire. */
  expiries: 4,
  /** u32 length and JSON head, then per publication f64 offset, f64 time, u32 length, payload. */
  stream: 5,
  /** Ends a complete snapshot. */
  end: 6,
} as const;

const chunkBytes = 1024 * 1024;

/** A record around its content. */
export function encodeRecord(kind: number, ...parts: readonly Uint8Array[]): Buffer {
  let length = 1;
  for (const part of parts) length += part.length;
  const record = Buffer.allocUnsafe(8 + length);
  record[8] = kind;
  let at = 9;
  for (const part of parts) {
    record.set(part, at);
    at += part.length;
  }
  record.writeUInt32LE(length, 0);
  record.writeUInt32LE(crc32(record.subarray(8)), 4);
  return record;
}

export interface FileReading {
  readonly records: number;
  /** Bytes up to the end of the last whole record. */
  readonly validBytes: number;
  /** Bytes behind that. */
  readonly droppedBytes: number;
}

/** Hands every whole record to `take` (its kind, its content behind that) and stops at the first that is not. */
export function readRecords(path: string, take: (kind: number, content: Buffer) => void): FileReading {
  const fd = openSync(path, 'r');
  try {
    let buffer: Buffer = Buffer.alloc(0);
    let at = 0;
    let validBytes = 0;
    let records = 0;
    let isAtEnd = false as boolean;
    /** Makes so many bytes available from `at` on, if the file has them. */
    const need = (bytes: number): boolean => {
      while (!isAtEnd && buffer.length - at < bytes) {
        const chunk = Buffer.allocUnsafe(chunkBytes);
        const read = readSync(fd, chunk);
        isAtEnd = read === 0;
        buffer = Buffer.concat([buffer.subarray(at), chunk.subarray(0, read)]);
        at = 0;
      }
      return buffer.length - at >= bytes;
    };
    if (need(fileHeader.length)) {
      checkHeader(path, buffer);
      at = validBytes = fileHeader.length;
      while (need(8)) {
        const length = buffer.readUInt32LE(at);
        if (length === 0 || !need(8 + length)) break;
        const content = buffer.subarray(at + 8, at + 8 + length);
        if (crc32(content) !== buffer.readUInt32LE(at + 4)) break;
        take(content.readUInt8(0), content.subarray(1));
        at += 8 + length;
        validBytes += 8 + length;
        records++;
      }
    }
    let droppedBytes = buffer.length - at;
    const rest = Buffer.allocUnsafe(chunkBytes);
    for (let read = isAtEnd ? 0 : readSync(fd, rest); read > 0; read = readSync(fd, rest)) droppedBytes += read;
    return { records, validBytes, droppedBytes };
  } finally {
    closeSync(fd);
  }
}

function checkHeader(path: string, bytes: Buffer): void {
  if (!bytes.subarray(0, 4).equals(magic)) throw new StartError(`${path} is not a file of this store`);
  const version = Number(bytes[4]);
  if (version !== fileVersion) {
    throw new StartError(`${path} has version ${version}, this store reads version ${fileVersion}`);
  }
}
