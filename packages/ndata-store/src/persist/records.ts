import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { StartError } from 'sc-protocol';

/**
 * A file of records: 8 bytes of header (magic, u8 version, three zeros), then per record a head and its content. The
 * head: u32 length of the content, u32 number of the record in the file, u32 CRC-32 of these 8 bytes, u32 CRC-32 of
 * the content. The first byte of the content is its kind. A head has its own checksum, so the next complete record can
 * be found after damaged bytes. This distinguishes damage in the middle from a torn tail.
 */
const magic = Buffer.from('NDLG', 'latin1');
export const fileVersion = 2;
export const fileHeader = Buffer.from([...magic, fileVersion, 0, 0, 0]);
export const headBytes = 16;

export const recordKinds = {
  /** JSON: metadata of the file. The first record of every file. */
  meta: 1,
  /**
   * The effects of one command, transaction or procedure, applied atomically. In a snapshot, the effects that create a
   * part of the state.
   */
  effects: 2,
  // 3 to 5 were root keys of a snapshot. Do not reuse them.
  /** Expiries: u32 count, then per chain its keys and f64 time. */
  expiries: 6,
  /** A stream with its publications. An empty id means that the channel has no stream. */
  stream: 7,
  /** Ends a complete snapshot. */
  snapshotEnd: 8,
  /** Ends the log of a store that was closed cleanly, with all data flushed. */
  cleanEnd: 9,
} as const;

/** Encodes a record. */
export function encodeRecord(number: number, kind: number, content: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(headBytes + 1 + content.length);
  record[headBytes] = kind;
  record.set(content, headBytes + 1);
  record.writeUInt32LE(1 + content.length, 0);
  record.writeUInt32LE(number, 4);
  record.writeUInt32LE(crc32(record.subarray(0, 8)), 8);
  record.writeUInt32LE(crc32(record.subarray(headBytes)), 12);
  return record;
}

/** Whether the bytes at `at` are a valid head. */
export function isHead(bytes: Buffer, at: number): boolean {
  return crc32(bytes.subarray(at, at + 8)) === bytes.readUInt32LE(at + 8);
}

/** Throws `StartError` if the file is not a file of a store, or has another version. */
export function checkHeader(path: string, bytes: Buffer): void {
  if (!bytes.subarray(0, 4).equals(magic)) {
    throw new StartError(`${path} is not a file of a store, or its first bytes are damaged`);
  }
  const version = Number(bytes[4]);
  if (version !== fileVersion) {
    throw new StartError(`${path} has format version ${version}; this store reads version ${fileVersion}`);
  }
}
