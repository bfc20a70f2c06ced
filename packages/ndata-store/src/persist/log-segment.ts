import { Buffer } from 'node:buffer';
import { close, fdatasync, fsyncSync, ftruncate, openSync, write, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { syncFolder } from './folder-files.js';
import { encodeRecord, fileHeader } from './records.js';

const writeBytes = promisify(write);
const syncData = promisify(fdatasync);
const truncateFile = promisify(ftruncate);
const closeFile = promisify(close);

/** One file of the log, with its queue of records to write. */
export class LogSegment {
  readonly #fd: number;
  readonly #folder: string;
  #waiting: Buffer[] = [fileHeader];
  /** Records added so far. */
  #records = 0;
  /** Bytes added so far. */
  #bytes = fileHeader.length;
  /** Bytes of complete batches in the file, and how many of these bytes are flushed. */
  #writtenBytes = 0;
  #syncedBytes = 0;
  /** Whether the file's directory entry is flushed. */
  #isNamed = false;
  #syncing: Promise<void> | undefined;

  /** Throws if the file cannot be created. */
  constructor(path: string) {
    this.#fd = openSync(path, 'wx', 0o600);
    this.#folder = dirname(path);
  }

  /** Bytes added so far, written or not. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes added but not written yet. */
  get pendingBytes(): number {
    return this.#bytes - this.#writtenBytes;
  }

  /** Whether records are queued. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  add(kind: number, content: Uint8Array): void {
    const record = encodeRecord(this.#records++, kind, content);
    this.#waiting.push(record);
    this.#bytes += record.length;
  }

  /** Writes the queued records. On failure, requeues them and truncates the partial write. */
  async write(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const batch = this.#take();
    try {
      for (let at = 0; at < batch.length;) {
        at += (await writeBytes(this.#fd, batch, at, batch.length - at, this.#writtenBytes + at)).bytesWritten;
      }
    } catch (error) {
      this.#waiting.unshift(batch);
      await truncateFile(this.#fd, this.#writtenBytes).catch(() => {
        // Recovery detects a torn record.
      });
      throw error;
    }
    this.#writtenBytes += batch.length;
  }

  /** Writes and flushes the queued records synchronously, at a start. On failure, requeues them. */
  writeNow(): void {
    const batch = this.#take();
    try {
      for (let at = 0; at < batch.length;) {
        at += writeSync(this.#fd, batch, at, batch.length - at, this.#writtenBytes + at);
      }
      fsyncSync(this.#fd);
    } catch (error) {
      this.#waiting.unshift(batch);
      throw error;
    }
    this.#writtenBytes += batch.length;
    this.#syncedBytes = this.#writtenBytes;
  }

  /** Flushes the written bytes and the file's directory entry to the disk. */
  async sync(): Promise<void> {
    // A flush in progress may have started before the last write.
    while (this.#syncing !== undefined) await this.#syncing;
    const bytes = this.#writtenBytes;
    if (bytes === this.#syncedBytes && this.#isNamed) return;
    this.#syncing = this.#syncNow(bytes).finally(() => (this.#syncing = undefined));
    await this.#syncing;
  }

  close(): Promise<void> {
    return closeFile(this.#fd);
  }

  async #syncNow(bytes: number): Promise<void> {
    await syncData(this.#fd);
    // Bytes written during the flush belong to the next one.
    this.#syncedBytes = bytes;
    if (this.#isNamed) return;
    await syncFolder(this.#folder);
    this.#isNamed = true;
  }

  #take(): Buffer {
    const [first, ...rest] = this.#waiting;
    this.#waiting = [];
    return first !== undefined && rest.length === 0
      ? first
      : Buffer.concat(first === undefined ? [] : [first, ...rest]);
  }
}
