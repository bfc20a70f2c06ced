/** Where warnings and errors go. Pino, winston and `console` fit. */
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
