import type { Buffer } from 'node:buffer';
import { LogSegment } from './log-segment.js';
import type { FsyncPolicy } from './options.js';
import { fileHeader } from './records.js';

export interface LogWriterOptions {
  readonly path: string;
  readonly fsync: FsyncPolicy;
  /** It cannot write. It tries again by itself if `isFinal` is false. */
  readonly onFail: (error: Error, isFinal: boolean) => void;
  /** It could write again, and everything that waited is written. */
  readonly onRecover: () => void;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Milliseconds between attempts to write to a disk that was full. */
const retryMs = 1000;

/**
 * Adds records to the log in batches: what is added while one batch is written is the next. Segments are completed in
 * their order. What cannot be written is kept until it can.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  /** The last one is added to; those before it still have to be completed. */
  readonly #segments: LogSegment[];
  #current: LogSegment;
  #bytes = fileHeader.length;
  #work: Promise<void> | undefined;
  #waiters: Waiter[] = [];
  #failure: Error | undefined;
  /** What a failed flush has lost no attempt brings back. */
  #isBroken = false;
  #retryTimer: NodeJS.Timeout | undefined;
  readonly #syncTimer: NodeJS.Timeout | undefined;

  /** Throws when the file cannot be made. */
  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#current = new LogSegment(options.path);
    this.#segments = [this.#current];
    if (options.fsync === 'everySecond') {
      this.#syncTimer = setInterval(() => void this.#syncNow(), 1000);
      this.#syncTimer.unref();
    }
  }

  /** Bytes added to the present segment. */
  get bytes(): number {
    return this.#bytes;
  }

  append(record: Buffer): void {
    this.#current.add(record);
    this.#bytes += record.length;
    if (this.#failure === undefined) this.#start();
  }

  /** Goes on in another file. Throws, and changes nothing, when that cannot be made. */
  rotate(path: string): void {
    this.#current = new LogSegment(path);
    this.#segments.push(this.#current);
    this.#bytes = fileHeader.length;
  }

  /** Resolves when everything added so far is written, as safely as the policy says, and earlier segments are complete. */
  whenSafe(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#start();
    });
  }

  /** Writes and flushes what is left. Rejects when it cannot. */
  async close(): Promise<void> {
    clearInterval(this.#syncTimer);
    while (this.#work !== undefined) await this.#work;
    clearTimeout(this.#retryTimer);
    if (!this.#isBroken) await this.#attempt();
    clearTimeout(this.#retryTimer);
    if (this.#failure === undefined) await this.#syncNow();
    for (const segment of this.#segments) await segment.close();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Writes at the end of the loop turn, so that the writes of a turn are one. */
  #start(): void {
    this.#work ??= new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      do await this.#attempt();
      while (this.#failure === undefined && this.#hasWork());
      this.#work = undefined;
      for (const { reject } of this.#waiters.splice(0)) reject(this.#failure);
    });
  }

  #hasWork(): boolean {
    return this.#waiters.length > 0 || this.#segments.length > 1 || this.#current.hasWaiting;
  }

  async #attempt(): Promise<void> {
    const waiters = this.#waiters;
    this.#waiters = [];
    try {
      await this.#writeSegments();
    } catch (error) {
      for (const { reject } of waiters) reject(error);
      this.#failed(error as Error);
      return;
    }
    for (const { resolve } of waiters) resolve();
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#options.onRecover();
  }

  async #writeSegments(): Promise<void> {
    for (let [first] = this.#segments; first !== undefined && first !== this.#current; [first] = this.#segments) {
      await first.write();
      await this.#sync(first);
      this.#segments.shift();
      await first.close();
    }
    const segment = this.#current;
    await segment.write();
    if (this.#options.fsync === 'always') await this.#sync(segment);
  }

  async #sync(segment: LogSegment): Promise<void> {
    try {
      await segment.sync();
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
  }

  async #syncNow(): Promise<void> {
    try {
      await this.#sync(this.#current);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #failed(error: Error): void {
    const isNews = this.#failure === undefined;
    this.#failure = error;
    if (isNews || this.#isBroken) this.#options.onFail(error, this.#isBroken);
    if (this.#isBroken) return;
    this.#retryTimer = setTimeout(() => this.#start(), retryMs);
    this.#retryTimer.unref();
  }
}
