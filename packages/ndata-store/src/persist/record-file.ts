import { Buffer } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { checkHeader, fileHeader, headBytes, isHead } from './records.js';

/** Bytes of a file that are no records. */
export interface Flaw {
  readonly at: number;
  readonly bytes: number;
  /** The number the next record should have had. */
  readonly record: number;
  /** Whether this can be the end of a write that a crash cut off; otherwise something was damaged afterwards. */
  readonly isTornTail: boolean;
}

export interface FileReading {
  readonly bytes: number;
  readonly records: number;
  /** Where the last whole record ends. */
  readonly validBytes: number;
  readonly flaws: readonly Flaw[];
}

export interface ReadOptions {
  /** Where the file ended when the next one was begun: what stands behind that was dropped then. @default its size */
  readonly end?: number;
  /** Whether a damaged header is a flaw too, instead of a `StartError`. */
  readonly isLenient?: boolean;
  /** Whether to stop at the first flaw, which then takes up the rest of the file. */
  readonly untilFlaw?: boolean;
}

export type TakeRecord = (kind: number, content: Buffer, at: number) => void;

/**
 * Hands every whole record to `take`, also those behind damaged bytes, and tells what is not one. The content is valid
 * only during the call.
 */
export function readRecordFile(path: string, take: TakeRecord, options: ReadOptions = {}): FileReading {
  const window = new FileWindow(path, options.end);
  try {
    return scan(path, window, take, options);
  } finally {
    window.close();
  }
}

/** The first record of a file, if it is whole. */
export function readFirstRecord(path: string, isLenient = false): { kind: number; content: Buffer } | undefined {
  const window = new FileWindow(path);
  try {
    if (window.size < fileHeader.length) return undefined;
    if (!isLenient) checkHeader(path, window.read(0, fileHeader.length));
    const record = wholeRecord(window, fileHeader.length, 0);
    return record === undefined ? undefined : { kind: record.readUInt8(0), content: record.subarray(1) };
  } finally {
    window.close();
  }
}

/** Whether a file was begun and no record of it is whole. */
export function isBlank(path: string): boolean {
  const { records, flaws } = readRecordFile(path, () => undefined, { isLenient: true });
  return records === 0 && flaws.every(({ isTornTail }) => isTornTail);
}

function scan(
  path: string,
  window: FileWindow,
  take: TakeRecord,
  { isLenient = false, untilFlaw = false }: ReadOptions,
): FileReading {
  const { size } = window;
  const flaws: Flaw[] = [];
  let at = Math.min(size, fileHeader.length);
  if (size >= fileHeader.length) {
    if (isLenient && !window.read(0, fileHeader.length).equals(fileHeader)) {
      flaws.push({ at: 0, bytes: fileHeader.length, record: 0, isTornTail: false });
    } else if (!isLenient) {
      checkHeader(path, window.read(0, fileHeader.length));
    }
  } else if (size > 0) {
    flaws.push({ at: 0, bytes: size, record: 0, isTornTail: true });
  }
  let validBytes = size < fileHeader.length ? 0 : at;
  let records = 0;
  let number = 0;
  while (at < size) {
    const record = wholeRecord(window, at, number);
    if (record !== undefined) {
      take(record.readUInt8(0), record.subarray(1), at);
      at += headBytes + record.length;
      validBytes = at;
      records++;
      number++;
      continue;
    }
    const found = findRecord(window, at, number);
    const next = untilFlaw ? undefined : found;
    const end = next?.at ?? size;
    flaws.push({
      at,
      bytes: end - at,
      record: number,
      isTornTail: found === undefined && isTorn(window, at),
    });
    at = end;
    number = next?.number ?? number;
  }
  return { bytes: size, records, validBytes, flaws };
}

/** The content of the record that stands there, if it is whole, good, and the one that is expected. */
function wholeRecord(window: FileWindow, at: number, number: number): Buffer | undefined {
  if (at + headBytes > window.size) return undefined;
  const head = window.read(at, headBytes);
  const length = head.readUInt32LE(0);
  if (length === 0 || at + headBytes + length > window.size || !isHead(head, 0)) return undefined;
  if (head.readUInt32LE(4) !== number) return undefined;
  const crc = head.readUInt32LE(12);
  const content = window.read(at + headBytes, length);
  return crc32(content) === crc ? content : undefined;
}

/** The first whole record behind the flaw at `from`. */
function findRecord(window: FileWindow, from: number, number: number): { at: number; number: number } | undefined {
  let at = from;
  if (at + headBytes <= window.size) {
    const head = window.read(at, headBytes);
    // A good head says where the next record stands; its content may itself hold what looks like records.
    if (isHead(head, 0) && head.readUInt32LE(4) === number) at += headBytes + head.readUInt32LE(0) - 1;
  }
  for (at++; at + headBytes < window.size; at++) {
    const head = window.read(at, headBytes);
    const length = head.readUInt32LE(0);
    const found = head.readUInt32LE(4);
    // Looking at plain numbers first is many times faster than a checksum at every byte.
    const isPossible = length > 0 && at + headBytes + length <= window.size && found >= number;
    if (isPossible && isHead(head, 0) && wholeRecord(window, at, found) !== undefined) return { at, number: found };
  }
  return undefined;
}

/** Bytes that a disk writes as a whole. */
const sectorBytes = 512;

/** Whether the last bytes of a file can be a write that was cut off. A record that has its full length is damaged, unless
 * its last sector is all zeros, as file systems leave it that have grown the file and not written it. */
function isTorn(window: FileWindow, at: number): boolean {
  if (at + headBytes > window.size) return true;
  const head = window.read(at, headBytes);
  const end = at + headBytes + head.readUInt32LE(0);
  if (!isHead(head, 0) || end > window.size) return true;
  const sector = Math.floor((end - 1) / sectorBytes) * sectorBytes;
  const from = Math.max(at + headBytes, sector);
  return window.read(from, end - from).every((byte) => byte === 0);
}

const windowBytes = 1024 * 1024;

/** A file, read in large pieces. */
class FileWindow {
  readonly size: number;
  readonly #fd: number;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(path: string, end = Infinity) {
    this.#fd = openSync(path, 'r');
    this.size = Math.min(end, fstatSync(this.#fd).size);
  }

  /** Bytes that lie inside the file. Valid until the next call. */
  read(at: number, length: number): Buffer {
    if (at < this.#start || at + length > this.#start + this.#buffer.length) this.#load(at, length);
    return this.#buffer.subarray(at - this.#start, at - this.#start + length);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #load(at: number, length: number): void {
    const bytes = Math.max(length, Math.min(windowBytes, this.size - at));
    const buffer = Buffer.allocUnsafe(bytes);
    let filled = 0;
    while (filled < bytes) {
      const read = readSync(this.#fd, buffer, filled, bytes - filled, at + filled);
      if (read === 0) throw new Error('The file became shorter while it was read');
      filled += read;
    }
    this.#buffer = buffer;
    this.#start = at;
  }
}
