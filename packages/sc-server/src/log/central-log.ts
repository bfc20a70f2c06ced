import { dehydrateError } from 'sc-protocol';
import { isLogged, type LogEntry, type LogLevel, type LogThreshold, type Origin } from './entry.js';
import { formatJson, formatPretty } from './format.js';
import type { Logger } from './logger.js';
import { redactEntry } from './redact.js';

/** A chain of causes may be a ring. */
const maxCauses = 4;

/** Takes entries. */
export type LogSink = (entry: LogEntry) => void;

/** The supervisor's log, in which the entries of all processes meet. No token, cookie or key leaves it. */
export class CentralLog {
  readonly #threshold: LogThreshold;
  readonly #sink: LogSink;

  constructor(threshold: LogThreshold, sink: LogSink) {
    this.#threshold = threshold;
    this.#sink = sink;
  }

  write(entry: LogEntry): void {
    if (isLogged(entry.level, this.#threshold)) this.#sink(redactEntry(entry));
  }

  /** A logger whose entries carry this origin. */
  from(origin: Origin): Logger {
    return createEntryLogger(origin, (entry) => this.write(entry));
  }
}

/** A `Logger` that makes entries. */
export function createEntryLogger(origin: Origin, sink: LogSink): Logger {
  const log = (level: LogLevel) => (message: string, details?: object) => {
    const { error, ...rest } = (details ?? {}) as { error?: unknown };
    sink({
      time: Date.now(),
      level,
      origin,
      message,
      ...(Object.keys(rest).length > 0 && { details: rest }),
      ...(error !== undefined && { error: describeError(error) }),
    });
  };
  return { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') };
}

/** To the terminal for people, to anything else as JSON lines. Warnings and errors go to stderr. */
export function createStreamSink(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): LogSink {
  return (entry) => {
    const stream = entry.level === 'error' || entry.level === 'warn' ? stderr : stdout;
    const useColour = stream.isTTY && process.env['NO_COLOR'] === undefined;
    stream.write(stream.isTTY ? formatPretty(entry, useColour) : formatJson(entry));
  };
}

/** To the user's own logger. */
export function createLoggerSink(logger: Logger): LogSink {
  return ({ level, message, origin, details, error }) =>
    logger[level](message, { ...details, ...origin, ...(error && { error }) });
}

function describeError(error: unknown): NonNullable<LogEntry['error']> {
  try {
    const wire = dehydrateError(error);
    const stack = stackOf(error, maxCauses);
    return stack === undefined ? wire : { ...wire, stack };
  } catch {
    // A getter or a proxy that throws must not keep the entry from the log.
    return { name: 'Error', message: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  try {
    const { message } = error as { message?: unknown };
    return typeof message === 'string' ? message : 'An error that cannot be printed';
  } catch {
    return 'An error that cannot be printed';
  }
}

/** The stack of an error and of what caused it. */
function stackOf(error: unknown, causesLeft: number): string | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  const { stack, cause } = error;
  if (cause === undefined || causesLeft === 0) return stack;
  const below = stackOf(cause, causesLeft - 1) ?? dehydrateError(cause).message;
  return `${stack}\n[cause]: ${below}`;
}
