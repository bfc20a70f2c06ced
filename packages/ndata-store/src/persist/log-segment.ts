import { Buffer } from 'node:buffer';
import { close, fdatasync, ftruncate, openSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { fileHeader } from './records.js';

const writeBytes = promisify(write);
const syncData = promisify(fdatasync);
const truncateFile = promisify(ftruncate);
const closeFile = promisify(close);

/** One file of the log, with the records that are still to be written to it. */
export class LogSegment {
  readonly #fd: number;
  #waiting: Buffer[] = [fileHeader];
  /** Bytes of whole batches in the file. */
  #writtenBytes = 0;
  #isUnsynced = false;
  #syncing: Promise<void> | undefined;

  /** Throws when the file cannot be made. */
  constructor(path: string) {
    this.#fd = openSync(path, 'wx', 0o600);
  }

  /** Whether something was added that is not written yet. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  add(record: Buffer): void {
    this.#waiting.push(record);
  }

  /** Writes what waits. When that fails, it waits again, and half a record is taken off the file. */
  async write(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const batch = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#isUnsynced = true;
    try {
      for (let at = 0; at < batch.length;) {
        at += (await writeBytes(this.#fd, batch, at, batch.length - at, this.#writtenBytes + at)).bytesWritten;
      }
    } catch (error) {
      this.#waiting.unshift(batch);
      await truncateFile(this.#fd, this.#writtenBytes).catch(() => {
        // Recovery takes a record that is cut off for what it is.
      });
      throw error;
    }
    this.#writtenBytes += batch.length;
  }

  /** Flushes what was written to the disk. */
  async sync(): Promise<void> {
    // One that runs may have begun before the last write.
    while (this.#syncing !== undefined) await this.#syncing;
    if (!this.#isUnsynced) return;
    this.#isUnsynced = false;
    this.#syncing = syncData(this.#fd).finally(() => (this.#syncing = undefined));
    await this.#syncing;
  }

  close(): Promise<void> {
    return closeFile(this.#fd);
  }
}
