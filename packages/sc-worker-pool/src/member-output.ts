import { continuationMark } from './output.js';
import type { OutputOptions } from './messages.js';

/** Node has no public API to make a stream blocking. */
interface StreamWithHandle {
  readonly _handle?: { setBlocking?(on: boolean): void };
}
type Done = (error?: Error | null) => void;

/** Options until the pool sends its own. */
const initialOptions: OutputOptions = { policy: 'drop', maxPendingBytes: 1_048_576 };

/** The output of this process, controlled by its pool. */
export interface GuardedOutput {
  /** Applies the options of the pool. */
  setOptions(options: OutputOptions): void;
  /** Number of writes dropped since the start. */
  readonly droppedWrites: number;
}

/**
 * Marks the writes of this process, so that a multi-line text stays one entry, and limits the buffer while the pool
 * does not read: further writes are dropped and counted, or block.
 */
export function guardOutput(): GuardedOutput {
  let options = initialOptions;
  let droppedWrites = 0;
  for (const stream of [process.stdout, process.stderr]) {
    guard(
      stream,
      () => options.maxPendingBytes,
      () => (droppedWrites += 1),
    );
  }
  return {
    setOptions(given) {
      options = given;
      if (given.policy === 'block') for (const stream of [process.stdout, process.stderr]) makeBlocking(stream);
    },
    get droppedWrites() {
      return droppedWrites;
    },
  };
}

function guard(stream: NodeJS.WriteStream, maxPendingBytes: () => number, onDropped: () => void): void {
  const write = stream.write.bind(stream) as (chunk: unknown, encoding?: BufferEncoding | Done, done?: Done) => boolean;
  let dropped = 0;
  const reportDropped = (): void => {
    if (dropped === 0) return;
    const text = `${dropped} writes of this process were dropped: its output was not read\n`;
    dropped = 0;
    write(text);
  };
  // Ignore errors (EPIPE): after the pool has closed its end, a write must not crash the process.
  stream.on('error', () => undefined);
  // Report on `drain`, too, as there may be no further write.
  stream.on('drain', reportDropped);
  stream.write = (chunk: unknown, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const callback = typeof encoding === 'function' ? encoding : done;
    if (stream.writableLength > maxPendingBytes()) {
      dropped += 1;
      onDropped();
      if (callback !== undefined) process.nextTick(callback);
      // Return true: a piped source would otherwise wait for a `drain` that never comes.
      return true;
    }
    reportDropped();
    const marked = mark(chunk);
    return typeof encoding === 'string' ? write(marked, encoding, callback) : write(marked, callback);
  };
}

/** Marks every line end of the chunk except a final one. */
function mark(chunk: unknown): unknown {
  if (typeof chunk === 'string') return markText(chunk);
  if (!(chunk instanceof Uint8Array)) return chunk;
  const end = chunk.indexOf(10);
  if (end === -1 || end === chunk.length - 1) return chunk;
  return Buffer.from(markText(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1')), 'latin1');
}

function markText(text: string): string {
  const end = text.indexOf('\n');
  return end === -1 || end === text.length - 1 ? text : text.replace(/\n(?!$)/g, `${continuationMark}\n`);
}

/** Makes every write block until the operating system has accepted it. On Windows, Node's pipes always block. */
function makeBlocking(stream: NodeJS.WriteStream): void {
  const { _handle: handle } = stream as StreamWithHandle;
  handle?.setBlocking?.(true);
}
