import { Buffer } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { checkHeader, fileHeader, headBytes, isHead } from './records.js';

/** A range of a file that is not a valid record. */
export interface Flaw {
  readonly at: number;
  readonly bytes: number;
  /** Expected number of the record at this position. */
  readonly record: number;
  /** Whether the flaw can be a write torn by a crash. Otherwise the file was damaged later. */
  readonly isTornTail: boolean;
}

export interface FileReading {
  readonly bytes: number;
  readonly records: number;
  /** End of the last complete record. */
  readonly validBytes: number;
  readonly flaws: readonly Flaw[];
}

export interface ReadOptions {
  /** Size of the file when the next log was started. Later bytes are ignored. @default its size */
  readonly end?: number;
  /** Whether to report a damaged header as a flaw, instead of throwing a `StartError`. */
  readonly isLenient?: boolean;
  /** Whether to stop at the first flaw, which then extends to the end of the file. */
  readonly untilFlaw?: boolean;
}

export type TakeRecord = (kind: number, content: Buffer, at: number) => void;

/**
 * Passes every complete record to `take`, including records after damaged bytes, and returns the flaws. The content is
 * valid only during the call.
 */
export function readRecordFile(path: string, take: TakeRecord, options: ReadOptions = {}): FileReading {
  const window = new FileWindow(path, options.end);
  try {
    return scan(path, window, take, options);
  } finally {
    window.close();
  }
}

/** Reads the first record of a file, if it is complete. */
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

/** Whether a file was created but contains no complete record. */
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

/** The content of the record at `at`, if it is complete, its checksums match, and it has the expected number. */
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

/** Finds the first complete record after the flaw at `from`. */
function findRecord(window: FileWindow, from: number, number: number): { at: number; number: number } | undefined {
  let at = from;
  if (at + headBytes <= window.size) {
    const head = window.read(at, headBytes);
    // A valid head locates the next record. Do not scan its content, which may contain bytes that look like records.
    if (isHead(head, 0) && head.readUInt32LE(4) === number) at += headBytes + head.readUInt32LE(0) - 1;
  }
  for (at++; at + headBytes < window.size; at++) {
    const head = window.read(at, headBytes);
    const length = head.readUInt32LE(0);
    const found = head.readUInt32LE(4);
    // Checking the numbers first is many times faster than a checksum at every byte.
    const isPossible = length > 0 && at + headBytes + length <= window.size && found >= number;
    if (isPossible && isHead(head, 0) && wholeRecord(window, at, found) !== undefined) return { at, number: found };
  }
  return undefined;
}

/** Bytes that a disk writes atomically. */
const sectorBytes = 512;

/**
 * Whether the last bytes of a file can be a torn write. A record of full length is damaged, unless its last sector is
 * all zeros: a file system may have extended the file without writing the data.
 */
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

/** A file, read in large chunks. */
class FileWindow {
  readonly size: number;
  readonly #fd: number;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(path: string, end = Infinity) {
    this.#fd = openSync(path, 'r');
    this.size = Math.min(end, fstatSync(this.#fd).size);
  }

  /** Reads bytes, which must be inside the file. The result is valid until the next call. */
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
