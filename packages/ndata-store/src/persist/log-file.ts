import { Buffer } from 'node:buffer';
import { openSync } from 'node:fs';
import { close, fdatasync, write } from 'node:fs';
import { promisify } from 'node:util';
import { fileHeader } from './records.js';
import type { FsyncPolicy } from './options.js';

const writeBytes = promisify(write);
const syncData = promisify(fdatasync);
const closeFile = promisify(close);

/** A file that records are added to, in batches: what is added while one batch is written is the next. */
export class LogFile {
  readonly #fd: number;
  readonly #fsync: FsyncPolicy;
  readonly #onError: (error: Error) => void;
  #bytes: number;
  #waiting: Buffer[] = [fileHeader];
  #work: Promise<void> | undefined;
  #waiters: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isUnsynced = false;
  #error: Error | undefined;

  /** Writes nothing before `previous` is settled, so that files are complete in their order. */
  constructor(path: string, fsync: FsyncPolicy, previous: Promise<void>, onError: (error: Error) => void) {
    this.#fd = openSync(path, 'wx', 0o600);
    this.#fsync = fsync;
    this.#onError = onError;
    this.#bytes = fileHeader.length;
    this.#work = previous.then(() => this.#run());
    if (fsync === 'everySecond') {
      this.#timer = setInterval(() => void this.#sync(), 1000);
      this.#timer.unref();
    }
  }

  /** Bytes added so far. */
  get bytes(): number {
    return this.#bytes;
  }

  append(record: Buffer): void {
    if (this.#error !== undefined) return;
    this.#waiting.push(record);
    this.#bytes += record.length;
    // At the end of the loop turn, so that the writes of a turn are one.
    this.#work ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#run());
  }

  /** Resolves when everything added so far is as safe as the policy makes it. */
  whenSafe(): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#work === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Writes and flushes what is left. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#work !== undefined) await this.#work;
    this.#isUnsynced = true;
    await this.#sync();
    await closeFile(this.#fd);
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 && this.#error === undefined) {
      const waiters = this.#waiters;
      this.#waiters = [];
      try {
        await this.#writeAll(Buffer.concat(this.#waiting.splice(0)));
        this.#isUnsynced = true;
        if (this.#fsync === 'always') await syncData(this.#fd);
        for (const { resolve } of waiters) resolve();
      } catch (error) {
        this.#fail(error as Error);
        for (const { reject } of waiters) reject(error);
      }
    }
    this.#work = undefined;
    for (const { resolve, reject } of this.#waiters.splice(0)) {
      if (this.#error === undefined) resolve();
      else reject(this.#error);
    }
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) at += (await writeBytes(this.#fd, bytes, at)).bytesWritten;
  }

  async #sync(): Promise<void> {
    if (!this.#isUnsynced || this.#error !== undefined) return;
    this.#isUnsynced = false;
    try {
      await syncData(this.#fd);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#waiting = [];
    this.#onError(error);
  }
}
