import type { WireError } from 'sc-protocol';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';
/** Minimum severity of entries, or `silent` to log nothing. */
export type LogThreshold = LogLevel | 'silent';

/** The process that an entry comes from. */
export interface Origin {
  readonly role: 'supervisor' | 'worker' | 'balancer' | 'store' | 'admin';
  readonly id?: number;
  readonly pid?: number;
}

/** One line of the central log. */
export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogLevel;
  readonly origin: Origin;
  readonly message: string;
  /** Set if the message is output that the application wrote to this stream. Such entries ignore the log level. */
  readonly stream?: 'stdout' | 'stderr';
  readonly details?: Readonly<Record<string, unknown>>;
  /** The error, with the stack from the process in which it occurred. Stacks are never sent to clients. */
  readonly error?: WireError & { readonly stack?: string };
}

/** Receives log entries. */
export interface LogSink {
  write(entry: LogEntry): void;
  /**
   * Reports whether an entry of this level would be dropped now. If so, it counts the entry as dropped, and the caller
   * need not create it.
   */
  refuses?(level: LogLevel): boolean;
}

const severity: Readonly<Record<LogThreshold, number>> = { silent: 0, error: 1, warn: 2, info: 3, debug: 4 };

export function isLogged(level: LogLevel, threshold: LogThreshold): boolean {
  return severity[level] <= severity[threshold];
}

/** Converts the `logLevel` option, a name or a number of the original, into a threshold. */
export function parseLogLevel(level: LogThreshold | number): LogThreshold {
  if (typeof level !== 'number') return level;
  return (['silent', 'error', 'info', 'debug'] as const)[Math.min(level, 3)] ?? 'info';
}

export function isLogLevel(value: unknown): value is LogThreshold {
  return typeof value === 'string' && Object.hasOwn(severity, value);
}
