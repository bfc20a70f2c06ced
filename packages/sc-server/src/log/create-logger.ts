import { createEntryLogger } from './central-log.js';
import type { LogEntry } from './entry.js';
import type { Logger } from './logger.js';
import { printable } from './printable.js';
import { redactEntry } from './redact.js';

/** Creates a logger that writes warnings and errors to stderr: the default of an embedded server without a logger. */
export function createLogger(write: (line: string) => void = (line) => void process.stderr.write(line)): Logger {
  return createEntryLogger({ role: 'worker' }, (entry) => {
    if (entry.level === 'error' || entry.level === 'warn') write(formatLine(redactEntry(entry)));
  });
}

function formatLine({ time, level, message, details = {}, error }: LogEntry): string {
  const parts = Object.entries(details)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${printable(key)}=${printable(JSON.stringify(value))}`);
  const more = parts.length > 0 ? ` (${parts.join(', ')})` : '';
  const stack = error === undefined ? [] : (error.stack ?? `${error.name}: ${error.message}`).split('\n');
  const lines = [`${new Date(time).toISOString()} ${level} ${printable(message)}${more}`];
  return `${[...lines, ...stack.map((line) => `    ${printable(line)}`)].join('\n')}\n`;
}
