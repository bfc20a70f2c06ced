import { LogSegment } from './log-segment.js';
import type { FsyncPolicy } from './options.js';

export interface LogWriterOptions {
  readonly path: string;
  readonly fsync: FsyncPolicy;
  /** Throws when the folder belongs to another store by now. */
  readonly check: () => void;
  /** It cannot write. It tries again by itself if `isFinal` is false. */
  readonly onFail: (error: Error, isFinal: boolean) => void;
  /** It can write again. Called before the rest is written, so that more can be added. */
  readonly onRecover: () => void;
}

interface Waiter {
  /** The records that must be written first. */
  readonly sequence: number;
  readonly action: (error?: Error) => void;
}

/** Milliseconds between attempts to write to a disk that was full. */
const retryMs = 1000;

/**
 * Adds records to the log in batches: records added during a write form the next batch. Segments are completed in
 * order. Records that cannot be written are kept until they can.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  /** The last one is added to; those before it still have to be completed. */
  readonly #segments: LogSegment[];
  #current: LogSegment;
  #sequence = 0;
  #written = 0;
  #waiters: Waiter[] = [];
  #isSettling = false;
  #work: Promise<void> | undefined;
  #failure: Error | undefined;
  /** Final: data lost by a failed flush cannot be written again, and neither can a lost folder be regained. */
  #isBroken = false;
  #isFinalTold = false;
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
    return this.#current.bytes;
  }

  /** Bytes that wait to be written. */
  get pendingBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.pendingBytes, 0);
  }

  /** Counts what was appended. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Whether something waits to be written, and can be. */
  get isPending(): boolean {
    return this.#isSettling || (this.#written < this.#sequence && this.#failure === undefined);
  }

  append(kind: number, content: Uint8Array): void {
    this.#current.add(kind, content);
    this.#sequence++;
    if (this.#failure === undefined) this.#start();
  }

  /** Writes what was appended so far at once. Throws when that cannot be done; it is tried again later. */
  writeNow(): void {
    try {
      this.#current.writeNow();
      this.#written = this.#sequence;
    } catch (error) {
      this.#failed(error as Error);
      throw error;
    }
  }

  /** Goes on in another file. Throws, and changes nothing, when that cannot be made. */
  rotate(path: string): void {
    this.#current = new LogSegment(path);
    this.#segments.push(this.#current);
  }

  /** Runs the action when everything appended so far is written, as safely as the policy says, or cannot be. In order. */
  whenWritten(action: (error?: Error) => void): void {
    if (this.#failure === undefined || this.#isSettling) this.#waiters.push({ sequence: this.#sequence, action });
    else action(this.#failure);
  }

  /** Resolves when that is so, and earlier segments are complete. */
  whenComplete(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure === undefined) this.#start();
      this.whenWritten((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  }

  /** Gives the log up: the folder belongs to another store. */
  abandon(error: Error): void {
    this.#isBroken = true;
    clearTimeout(this.#retryTimer);
    this.#failed(error);
  }

  /** Writes and flushes what is left. Rejects when it cannot. */
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

  /** Writes at the end of the loop turn, so that the writes of a turn are one. */
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
    // Records added while the segments were written may or may not be written; the next attempt finds out.
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
   * Runs the actions whose records are written, or all of them with the error. An exception in one does not stop the
   * others. Actions added meanwhile run after the waiting ones.
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
