import { describeError } from './describe-error.js';
import { isLogged, type LogEntry, type LogLevel, type LogSink, type LogThreshold, type Origin } from './entry.js';
import type { Logger } from './logger.js';
import { redactEntry } from './redact.js';

/** The supervisor's log, which receives the entries of all processes. Tokens, cookies and keys are redacted. */
export class CentralLog {
  #threshold: LogThreshold;
  readonly #sink: LogSink;

  constructor(threshold: LogThreshold, sink: LogSink) {
    this.#threshold = threshold;
    this.#sink = sink;
  }

  get threshold(): LogThreshold {
    return this.#threshold;
  }

  setThreshold(threshold: LogThreshold): void {
    this.#threshold = threshold;
  }

  /** Writes an entry if it meets the threshold. Output of the application itself is always written. */
  write(entry: LogEntry): void {
    if (entry.stream === undefined && !isLogged(entry.level, this.#threshold)) return;
    if (this.#sink.refuses?.(entry.level)) return;
    this.#sink.write(redactSafely(entry));
  }

  /** Returns a logger whose entries carry this origin. */
  from(origin: Origin): Logger {
    return createEntryLogger(
      origin,
      (entry) => this.write(entry),
      (level) => isLogged(level, this.#threshold),
    );
  }
}

/** Returns a `Logger` that creates entries. Entries whose level `isOn` rejects are not created. */
export function createEntryLogger(
  origin: Origin,
  take: (entry: LogEntry) => void,
  isOn: (level: LogLevel) => boolean = () => true,
): Logger {
  const log = (level: LogLevel) => (message: string, details?: object) => {
    if (!isOn(level)) return;
    const { error, ...rest } = (details ?? {}) as { error?: unknown };
    take({
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

/** Redacts an entry. Details may have getters that throw; logging them must not fail the caller. */
function redactSafely(entry: LogEntry): LogEntry {
  try {
    return redactEntry(entry);
  } catch {
    const { time, level, origin, message } = entry;
    return redactEntry({ time, level, origin, message, details: { details: 'could not be read' } });
  }
}
