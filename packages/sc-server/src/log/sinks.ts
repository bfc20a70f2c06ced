import { isThenable } from '../kit/thenable.js';
import { describeError } from './describe-error.js';
import type { LogEntry, LogLevel, LogSink } from './entry.js';
import { formatJson, formatPretty } from './format.js';
import { LogStream, type OutputStream } from './log-stream.js';
import type { Logger } from './logger.js';

/** A sink that writes to the streams of this process. */
export interface StreamSink extends LogSink {
  /** Number of entries dropped because their reader was too slow or had exited. */
  readonly dropped: number;
  /** Settles when everything is written, or at the deadline. */
  flush(deadlineMs: number): Promise<void>;
}

export interface StreamSinkOptions {
  /** Maximum number of bytes buffered per stream. */
  readonly maxBytes: number;
  /**
   * Additional bytes before entries are dropped if `onPressure` pauses writers: room for output that was already read.
   */
  readonly slackBytes: number;
  /** Called with `true` when the reader of either stream falls behind, and with `false` when both have caught up. */
  readonly onPressure: (isHigh: boolean) => void;
}

/**
 * Creates a sink that writes human-readable lines to a terminal and JSON lines to anything else. Warnings and errors go
 * to stderr.
 */
export function createStreamSink(
  stdout: OutputStream,
  stderr: OutputStream,
  { maxBytes, slackBytes, onPressure }: StreamSinkOptions,
): StreamSink {
  const pressed = new Set<OutputStream>();
  const open = (stream: OutputStream) => {
    const format = (entry: LogEntry) =>
      stream.isTTY ? formatPretty(entry, process.env['NO_COLOR'] === undefined) : formatJson(entry);
    const output = new LogStream(stream, {
      maxBytes,
      slackBytes,
      describeDropped: (dropped) => format(droppedEntry(dropped)),
      onPressure(isHigh) {
        const wasPressed = pressed.size > 0;
        if (isHigh) pressed.add(stream);
        else pressed.delete(stream);
        if (wasPressed !== pressed.size > 0) onPressure(!wasPressed);
      },
    });
    return { output, format };
  };
  const streams = { out: open(stdout), err: open(stderr) };
  const of = (level: LogLevel) => (level === 'error' || level === 'warn' ? streams.err : streams.out);
  return {
    write(entry) {
      const { output, format } = of(entry.level);
      output.write(format(entry));
    },
    refuses(level) {
      const { output } = of(level);
      const isFull = output.isFull();
      if (isFull) output.drop();
      return isFull;
    },
    get dropped() {
      return streams.out.output.dropped + streams.err.output.dropped;
    },
    async flush(deadlineMs) {
      await Promise.all([streams.out.output.flush(deadlineMs), streams.err.output.flush(deadlineMs)]);
    },
  };
}

function droppedEntry(dropped: number): LogEntry {
  return {
    time: Date.now(),
    level: 'warn',
    origin: { role: 'supervisor', pid: process.pid },
    message: `${dropped} log entries were dropped: the log was not read fast enough`,
    details: { dropped },
  };
}

/** A user's logger. Its methods may return a promise, although the `Logger` type says otherwise. */
type AnyLogger = Readonly<Record<LogLevel, (message: string, details: object) => unknown>>;

const complaintIntervalMs = 60_000;

/** Creates a sink for the user's own logger. Entries for which the logger throws or rejects go to the fallback. */
export function createLoggerSink(logger: Logger, fallback: () => LogSink): LogSink {
  let complainAt = -Infinity;
  const fail = (entry: LogEntry, error: unknown) => {
    const sink = fallback();
    if (performance.now() >= complainAt) {
      complainAt = performance.now() + complaintIntervalMs;
      sink.write({
        time: Date.now(),
        level: 'error',
        origin: { role: 'supervisor', pid: process.pid },
        message: 'The option `logger` failed; the entries it does not take are written here',
        error: describeError(error),
      });
    }
    sink.write(entry);
  };
  return {
    write(entry) {
      const { level, message, origin, stream, details, error } = entry;
      try {
        const fields = { ...details, ...origin, ...(stream && { stream }), ...(error && { error }) };
        const result = (logger as AnyLogger)[level](message, fields);
        if (isThenable(result)) result.then(undefined, (reason: unknown) => fail(entry, reason));
      } catch (reason) {
        fail(entry, reason);
      }
    },
  };
}
