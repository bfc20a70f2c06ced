import { constants, fstatSync, open, write as writeFile } from 'node:fs';
import { Socket } from 'node:net';

/** The part of `process.stdout` and `process.stderr` that the log uses. */
export type OutputStream = NodeJS.WriteStream & { readonly fd: number };

/** The private handle of the stream. Node has no public API to make writes to a stream non-blocking. */
interface StreamWithHandle {
  readonly _handle?: { setBlocking?(on: boolean): void };
}

export interface LogStreamOptions {
  /** Maximum number of bytes buffered for the reader. Further output is dropped and counted. */
  readonly maxBytes: number;
  /** Additional bytes for output that was already read from writers before they were paused. */
  readonly slackBytes: number;
  /** Formats the line that reports the number of dropped entries. */
  readonly describeDropped: (dropped: number) => string;
  /**
   * Called with `true` when the buffer passes its high water mark and writers should pause, and with `false` when it
   * has drained.
   */
  readonly onPressure: (isHigh: boolean) => void;
}

/** Writes a text and calls `done` when it is written or has failed. */
type Sink = (text: string, done: (error?: Error | null) => void) => void;

const maxWriteBytes = 65_536;
/** Interval, in milliseconds, at which a failed stream is retried while there is output to write. */
const retryMs = 1_000;

/**
 * Prevents an `error` event of a process stream from terminating the process; the error is also passed to each write.
 */
function ignoreError(): void {
  // The callback of the write receives the error.
}

/**
 * Writes the log to one of the streams of this process without blocking on its reader. One write is in flight at a
 * time; further output is buffered up to a limit, then dropped and counted. If the reader exits, the disk is full or
 * the terminal is closed, entries are lost, but the process continues.
 */
export class LogStream {
  readonly #options: LogStreamOptions;
  readonly #stream: OutputStream;
  #sink: Sink | undefined;
  #queue: string[] = [];
  #queuedBytes = 0;
  #isWriting = false;
  #retryAt = 0;
  #isPressed = false;
  /** Entries dropped since the last notice. */
  #unreported = 0;
  /**
   * The notice in the buffer: the number of dropped entries it reports, and the number of buffered entries up to and
   * including it.
   */
  #notice: { readonly dropped: number; ahead: number } | undefined;
  #dropped = 0;
  readonly #idle = new Set<() => void>();

  constructor(stream: OutputStream, options: LogStreamOptions) {
    this.#stream = stream;
    this.#options = options;
    if (!stream.listeners('error').includes(ignoreError)) stream.on('error', ignoreError);
    this.#sink = firstSink(stream);
  }

  /** Number of entries dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Reports whether a further entry would be dropped. */
  isFull(): boolean {
    if (this.#sink === undefined) this.#reopen();
    const { maxBytes, slackBytes } = this.#options;
    return this.#sink === undefined || this.#queuedBytes >= maxBytes + slackBytes;
  }

  /** Counts an entry that was not formatted because the buffer is full. */
  drop(count = 1): void {
    this.#unreported += count;
    this.#dropped += count;
  }

  write(text: string): void {
    if (this.isFull()) {
      this.drop();
      return;
    }
    this.#push(text);
    this.#pump();
  }

  /**
   * Settles when everything is written or dropped, or at the deadline. After the deadline a stalled reader does not
   * keep the process alive.
   */
  async flush(deadlineMs: number): Promise<void> {
    if (this.#isIdle()) return;
    let onIdle!: () => void;
    const idle = new Promise<void>((resolve) => this.#idle.add((onIdle = resolve)));
    const timer = setTimeout(onIdle, deadlineMs);
    await idle;
    clearTimeout(timer);
    this.#idle.delete(onIdle);
    // File streams have no handle to unref, and file writes do not stall.
    if (!this.#isIdle() && 'unref' in this.#stream) this.#stream.unref();
  }

  #isIdle(): boolean {
    return !this.#isWriting;
  }

  #push(text: string): void {
    this.#queue.push(text);
    this.#queuedBytes += Buffer.byteLength(text);
    if (this.#queuedBytes > this.#options.maxBytes / 2) this.#press(true);
  }

  #pump(): void {
    if (this.#isWriting || this.#sink === undefined) return;
    if (this.#unreported > 0 && this.#notice === undefined && this.#queuedBytes <= this.#options.maxBytes / 2) {
      this.#push(this.#options.describeDropped(this.#unreported));
      this.#notice = { dropped: this.#unreported, ahead: this.#queue.length };
      this.#unreported = 0;
    }
    if (this.#queuedBytes <= this.#options.maxBytes / 4) this.#press(false);
    const { text, count } = this.#take();
    if (count === 0) {
      for (const onIdle of this.#idle) onIdle();
      return;
    }
    this.#isWriting = true;
    this.#sink(text, (error) => {
      this.#isWriting = false;
      if (error !== null && error !== undefined) {
        this.#fail(count);
        return;
      }
      this.#passNotice(count);
      this.#pump();
    });
  }

  /** Updates the notice after `count` entries were written. */
  #passNotice(count: number): void {
    if (this.#notice === undefined) return;
    this.#notice.ahead -= count;
    if (this.#notice.ahead <= 0) this.#notice = undefined;
  }

  #take(): { text: string; count: number } {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && bytes < maxWriteBytes) bytes += Buffer.byteLength(this.#queue[count++] ?? '');
    this.#queuedBytes -= bytes;
    return { text: this.#queue.splice(0, count).join(''), count };
  }

  /** The write failed: drops all buffered output, because it may never get a reader. */
  #fail(lost: number): void {
    const entries = lost + this.#queue.length;
    this.drop(this.#notice === undefined ? entries : entries - 1);
    // Count the entries of an unwritten notice again, so that the next notice reports them too.
    this.#unreported += this.#notice?.dropped ?? 0;
    this.#notice = undefined;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#sink = undefined;
    this.#retryAt = performance.now() + retryMs;
    this.#press(false);
    for (const onIdle of this.#idle) onIdle();
  }

  /** Retries files, and reopens named pipes. Any other stream that failed stays closed. */
  #reopen(): void {
    if (performance.now() < this.#retryAt) return;
    this.#retryAt = performance.now() + retryMs;
    const kind = kindOf(this.#stream.fd);
    if (kind === 'file') this.#sink = fileSink(this.#stream.fd);
    if (kind !== 'pipe') return;
    // Fails with ENXIO while the pipe has no reader. Only Linux has this path.
    open(`/proc/self/fd/${this.#stream.fd}`, constants.O_WRONLY | constants.O_NONBLOCK, (error, fd) => {
      if (error !== null) return;
      const socket = new Socket({ fd, readable: false, writable: true });
      socket.on('error', ignoreError);
      socket.unref();
      this.#sink = (text, done) => void socket.write(text, done);
      this.#pump();
    });
  }

  #press(isHigh: boolean): void {
    if (this.#isPressed === isHigh) return;
    this.#isPressed = isHigh;
    this.#options.onPressure(isHigh);
  }
}

function firstSink(stream: OutputStream): Sink {
  if (kindOf(stream.fd) === 'file') return fileSink(stream.fd);
  // Node makes writes to a terminal blocking, and a terminal stops reading as soon as its user presses Ctrl-S.
  if (stream.isTTY) {
    const { _handle: handle } = stream as StreamWithHandle;
    handle?.setBlocking?.(false);
  }
  return (text, done) => void stream.write(text, done);
}

/** Writes to the descriptor directly: Node's stream for files blocks on writes, and its first error destroys it. */
function fileSink(fd: number): Sink {
  return (text, done) => writeAll(fd, Buffer.from(text), done);
}

function writeAll(fd: number, bytes: Buffer, done: (error?: Error | null) => void): void {
  writeFile(fd, bytes, (error, written) => {
    if (error !== null) done(error);
    else if (written < bytes.length) writeAll(fd, bytes.subarray(written), done);
    else done();
  });
}

function kindOf(fd: number): 'file' | 'pipe' | 'other' {
  try {
    const stat = fstatSync(fd);
    return stat.isFile() ? 'file' : stat.isFIFO() ? 'pipe' : 'other';
  } catch {
    return 'other'; // The descriptor is closed: writes fail and are counted as dropped.
  }
}
