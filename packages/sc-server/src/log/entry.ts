import type { WireError } from 'sc-protocol';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';
/** Minimum severity of entries, or `silent` for none. */
export type LogThreshold = LogLevel | 'silent';

/** Which process an entry comes from. */
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
  /** The message is what the application wrote there. It passes every level. */
  readonly stream?: 'stdout' | 'stderr';
  readonly details?: Readonly<Record<string, unknown>>;
  /** The error behind it, with the stack of the process where it happened. Stacks never go to clients. */
  readonly error?: WireError & { readonly stack?: string };
}

/** Takes entries. */
export interface LogSink {
  write(entry: LogEntry): void;
  /** Whether an entry of this level would be dropped now. It is counted then, and need not be made. */
  refuses?(level: LogLevel): boolean;
}

const severity: Readonly<Record<LogThreshold, number>> = { silent: 0, error: 1, warn: 2, info: 3, debug: 4 };

export function isLogged(level: LogLevel, threshold: LogThreshold): boolean {
  return severity[level] <= severity[threshold];
}

/** The threshold of the `logLevel` option: a name, or the number the original used. */
export function parseLogLevel(level: LogThreshold | number): LogThreshold {
  if (typeof level !== 'number') return level;
  return (['silent', 'error', 'info', 'debug'] as const)[Math.min(level, 3)] ?? 'info';
}

export function isLogLevel(value: unknown): value is LogThreshold {
  return typeof value === 'string' && Object.hasOwn(severity, value);
}
