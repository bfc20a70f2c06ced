import { LogSegment } from './log-segment.js';
import type { FsyncPolicy } from './options.js';

export interface LogWriterOptions {
  readonly path: string;
  readonly fsync: FsyncPolicy;
  /** Throws if the folder has been taken over by another store. */
  readonly check: () => void;
  /** Called when a write fails. The writer retries unless `isFinal` is set. */
  readonly onFail: (error: Error, isFinal: boolean) => void;
  /** Called when writes succeed again, before the remaining records are written, so that more can be added. */
  readonly onRecover: () => void;
}

interface Waiter {
  /** The records that must be written first. */
  readonly sequence: number;
  readonly action: (error?: Error) => void;
}

/** Milliseconds between retries after a failed write, e.g. to a full disk. */
const retryMs = 1000;

/**
 * Writes records to the log in batches: records added during a write form the next batch. Segments are completed in
 * order. Records that cannot be written are kept and retried.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  /** Incomplete segments. Records are added to the last one. */
  readonly #segments: LogSegment[];
  #current: LogSegment;
  #sequence = 0;
  #written = 0;
  #waiters: Waiter[] = [];
  #isSettling = false;
  #work: Promise<void> | undefined;
  #failure: Error | undefined;
  /** Set on a final failure: data lost by a failed flush cannot be rewritten, and a lost folder cannot be regained. */
  #isBroken = false;
  #isFinalTold = false;
  #retryTimer: NodeJS.Timeout | undefined;
  readonly #syncTimer: NodeJS.Timeout | undefined;

  /** Throws if the file cannot be created. */
  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#current = new LogSegment(options.path);
    this.#segments = [this.#current];
    if (options.fsync === 'everySecond') {
      this.#syncTimer = setInterval(() => void this.#syncNow(), 1000);
      this.#syncTimer.unref();
    }
  }

  /** Bytes added to the current segment. */
  get bytes(): number {
    return this.#current.bytes;
  }

  /** Bytes waiting to be written. */
  get pendingBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.pendingBytes, 0);
  }

  /** Number of records appended so far. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Whether writes are in flight: records are not written yet, while the log is writable. */
  get isPending(): boolean {
    return this.#isSettling || (this.#written < this.#sequence && this.#failure === undefined);
  }

  append(kind: number, content: Uint8Array): void {
    this.#current.add(kind, content);
    this.#sequence++;
    if (this.#failure === undefined) this.#start();
  }

  /** Writes the records appended so far synchronously. On failure, throws and schedules a retry. */
  writeNow(): void {
    try {
      this.#current.writeNow();
      this.#written = this.#sequence;
    } catch (error) {
      this.#failed(error as Error);
      throw error;
    }
  }

  /** Continues in another file. Throws, without any change, if the file cannot be created. */
  rotate(path: string): void {
    this.#current = new LogSegment(path);
    this.#segments.push(this.#current);
  }

  /**
   * Runs the action once all records appended so far are written, and flushed if the policy requires it; or with the
   * error, if they cannot be written. Actions run in order.
   */
  whenWritten(action: (error?: Error) => void): void {
    if (this.#failure === undefined || this.#isSettling) this.#waiters.push({ sequence: this.#sequence, action });
    else action(this.#failure);
  }

  /** Resolves when all records appended so far are written as in `whenWritten`, and earlier segments are complete. */
  whenComplete(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure === undefined) this.#start();
      this.whenWritten((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  }

  /** Stops writing for good, because the folder belongs to another store. */
  abandon(error: Error): void {
    this.#isBroken = true;
    clearTimeout(this.#retryTimer);
    this.#failed(error);
  }

  /** Writes and flushes the remaining records, and closes the log. Rejects if that fails. */
  async close(): Promise<void> {
    clearInterval(this.#syncTimer);
    while (this.#work !== undefined) await this.#work;
    clearTimeout(this.#retryTimer);
    if (!this.#isBroken) {
      do await this.#attempt();
      while (this.#failure === undefined && this.#hasWork());
    }
    clearTimeout(this.#retryTimer);
    if (this.#failure === undefined) await this.#syncNow();
    for (const segment of this.#segments) await segment.close();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Schedules a write at the end of the event loop turn, to batch the records of the turn. */
  #start(): void {
    this.#work ??= new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      do await this.#attempt();
      while (this.#failure === undefined && this.#hasWork());
      this.#work = undefined;
    });
  }

  #hasWork(): boolean {
    return this.#waiters.length > 0 || this.#segments.length > 1 || this.#current.hasWaiting;
  }

  async #attempt(): Promise<void> {
    const sequence = this.#sequence;
    try {
      this.#options.check();
      await this.#writeSegments();
    } catch (error) {
      this.#failed(error as Error);
      return;
    }
    // Records added during the attempt may or may not be written; the next attempt settles them.
    this.#written = Math.max(this.#written, sequence);
    if (this.#failure !== undefined && !this.#isBroken) {
      this.#failure = undefined;
      this.#options.onRecover();
      this.#start();
    }
    this.#settle();
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
    if (this.#options.fsync === 'synced') await this.#sync(segment);
  }

  /**
   * Runs the actions whose records are written, or all actions with the error. An exception in one action does not
   * stop the others. Actions added meanwhile run last.
   */
  #settle(error?: Error): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    let count = 0;
    for (let next = this.#waiters[0]; next !== undefined; next = this.#waiters[++count]) {
      if (error === undefined && next.sequence > this.#written) break;
      try {
        next.action(error);
      } catch (thrown) {
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
    this.#waiters.splice(0, count);
    this.#isSettling = false;
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
    if (this.#isBroken) return;
    try {
      await this.#sync(this.#current);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #failed(error: Error): void {
    const isNews = this.#failure === undefined || (this.#isBroken && !this.#isFinalTold);
    this.#failure = isNews ? error : this.#failure;
    this.#isFinalTold = this.#isBroken;
    if (isNews) this.#options.onFail(error, this.#isBroken);
    this.#settle(error);
    clearTimeout(this.#retryTimer);
    if (this.#isBroken) return;
    this.#retryTimer = setTimeout(() => this.#start(), retryMs);
    this.#retryTimer.unref();
  }
}
