/** Destination of log entries. Compatible with pino, winston and `console`. */
export interface Logger {
  /** Logs an error. */
  error(message: string, details?: object): void;
  /** Logs a warning. */
  warn(message: string, details?: object): void;
  /** Logs information. */
  info(message: string, details?: object): void;
  /** Logs details for debugging. */
  debug(message: string, details?: object): void;
}
