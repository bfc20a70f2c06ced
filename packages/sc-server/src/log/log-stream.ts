import { constants, fstatSync, open, write as writeFile } from 'node:fs';
import { Socket } from 'node:net';

/** The part of `process.stdout` and `process.stderr` that the log uses. */
export type OutputStream = NodeJS.WriteStream & { readonly fd: number };

/** Node has no other way to change how a stream writes. */
interface StreamWithHandle {
  readonly _handle?: { setBlocking?(on: boolean): void };
}

export interface LogStreamOptions {
  /** Maximum number of bytes buffered for the reader. Further output is dropped and counted. */
  readonly maxBytes: number;
  /** Bytes beyond that for writers that were slowed down, but whose output was read already. */
  readonly slackBytes: number;
  /** The line that tells a reader how many entries it missed. */
  readonly describeDropped: (dropped: number) => string;
  /** Called when so much waits that writers should be slowed down, and again when that is over. */
  readonly onPressure: (isHigh: boolean) => void;
}

/** Writes a text somewhere, and says when it is written or has failed. */
type Sink = (text: string, done: (error?: Error | null) => void) => void;

const maxWriteBytes = 65_536;
/** How often a stream that failed is tried again, while there is something to write. */
const retryMs = 1_000;

/** An error of a stream of the process, which is reported to each write too, must not end the process. */
function ignoreError(): void {
  // The callback of the write has it.
}

/**
 * Writes the log to one of the streams of this process, without ever waiting for its reader. One write is under way at a
 * time, what comes meanwhile waits up to a bound, and more is dropped and counted. A reader that goes away, a full disk or
 * a terminal that is closed costs entries, never the process.
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
  /** Since the last notice. */
  #unreported = 0;
  /** A notice that is not written yet: how many entries it reports, and how many are written up to and including it. */
  #notice: { readonly dropped: number; ahead: number } | undefined;
  #dropped = 0;
  readonly #idle = new Set<() => void>();

  constructor(stream: OutputStream, options: LogStreamOptions) {
    this.#stream = stream;
    this.#options = options;
    if (!stream.listeners('error').includes(ignoreError)) stream.on('error', ignoreError);
    this.#sink = firstSink(stream);
  }

  /** How many entries were dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether a further entry would be dropped. */
  isFull(): boolean {
    if (this.#sink === undefined) this.#reopen();
    const { maxBytes, slackBytes } = this.#options;
    return this.#sink === undefined || this.#queuedBytes >= maxBytes + slackBytes;
  }

  /** Counts an entry that was not even formatted, because the stream is full. */
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

  /** Settles when everything is written or dropped, or at the deadline. After that a stalled reader does not keep the process. */
  async flush(deadlineMs: number): Promise<void> {
    if (this.#isIdle()) return;
    let onIdle!: () => void;
    const idle = new Promise<void>((resolve) => this.#idle.add((onIdle = resolve)));
    const timer = setTimeout(onIdle, deadlineMs);
    await idle;
    clearTimeout(timer);
    this.#idle.delete(onIdle);
    // Files have no handle that could be unreferenced, and do not stall.
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

  /** Takes note that this number of entries was written. */
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

  /** Buffered output has no reader, and may never have one. */
  #fail(lost: number): void {
    const entries = lost + this.#queue.length;
    this.drop(this.#notice === undefined ? entries : entries - 1);
    // Otherwise the next notice would leave out the entries that this one was about.
    this.#unreported += this.#notice?.dropped ?? 0;
    this.#notice = undefined;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#sink = undefined;
    this.#retryAt = performance.now() + retryMs;
    this.#press(false);
    for (const onIdle of this.#idle) onIdle();
  }

  /** Files are written to again, and pipes with a name opened again. Anything else that failed stays closed. */
  #reopen(): void {
    if (performance.now() < this.#retryAt) return;
    this.#retryAt = performance.now() + retryMs;
    const kind = kindOf(this.#stream.fd);
    if (kind === 'file') this.#sink = fileSink(this.#stream.fd);
    if (kind !== 'pipe') return;
    // Fails when nothing reads from the pipe. Only Linux has this path.
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
  // Node makes writes to a terminal wait for the terminal, which stands still as soon as its user presses Ctrl-S.
  if (stream.isTTY) {
    const { _handle: handle } = stream as StreamWithHandle;
    handle?.setBlocking?.(false);
  }
  return (text, done) => void stream.write(text, done);
}

/** Not the stream that Node has for files, whose writes block, and which is destroyed by the first error. */
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
    return 'other'; // It is closed: writes to it fail, and are counted.
  }
}
