import type { Logger } from './logger.js';

/** Lines on stderr for warnings and errors: what an embedded server does when it is given no logger. */
export function createLogger(write: (line: string) => void = (line) => void process.stderr.write(line)): Logger {
  const log = (level: string) => (message: string, details?: object) => {
    write(`${new Date().toISOString()} ${level} ${message}${describe(details)}\n`);
  };
  const silent = () => undefined;
  return { error: log('error'), warn: log('warn'), info: silent, debug: silent };
}

function describe(details: object | undefined): string {
  if (details === undefined) return '';
  const { error, ...rest } = details as { error?: unknown };
  const parts = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const stack =
    error instanceof Error
      ? `\n    ${(error.stack ?? String(error)).replaceAll('\n', '\n    ')}`
      : error === undefined
        ? ''
        : ` error=${JSON.stringify(error)}`;
  return `${parts.length > 0 ? ` (${parts.join(', ')})` : ''}${stack}`;
}
