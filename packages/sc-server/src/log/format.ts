import type { LogEntry, LogLevel } from './entry.js';
import { printable } from './printable.js';

const colours: Readonly<Record<LogLevel, string>> = { error: '31', warn: '33', info: '36', debug: '90' };

/**
 * Fields of every entry. A detail with one of these names gets the prefix `detail.`, so that it cannot pose as the
 * field.
 */
const ownFields = new Set(['time', 'level', 'role', 'id', 'pid', 'message', 'stream', 'error']);

/** Formats an entry as one line of JSON. */
export function formatJson({ time, level, origin, message, stream, details = {}, error }: LogEntry): string {
  const own = Object.entries(details).map(([key, value]: [string, unknown]) => [
    ownFields.has(key) ? `detail.${key}` : key,
    value,
  ]);
  const fields = Object.fromEntries(own) as object;
  const line = JSON.stringify({
    time: new Date(time).toISOString(),
    level,
    ...origin,
    message,
    stream,
    ...fields,
    error,
  });
  // JSON.stringify leaves some characters unescaped that some readers treat as line ends. Inside of a JSON string, \u
  // escapes are equivalent.
  return `${printable(line)}\n`;
}

/** Formats an entry for a terminal: time, level, origin, message, and the stack indented below. */
export function formatPretty(
  { time, level, origin, message, stream, details, error }: LogEntry,
  useColour: boolean,
): string {
  const paint = (code: string, text: string) => (useColour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const clock = new Date(time).toTimeString().slice(0, 8);
  const who = `${origin.role}${origin.id === undefined ? '' : ` ${origin.id}`}${origin.pid === undefined ? '' : ` (${origin.pid})`}`;
  const more = Object.entries(details ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${printable(key)}=${printable(JSON.stringify(value))}`);
  // Keep the lines of one write of the application together. A line break in our own messages is escaped.
  const [first = '', ...others] = stream === undefined ? [message] : message.split('\n');
  const head = `${paint('90', clock)} ${paint(colours[level], level.padEnd(5))} ${paint('90', who)} ${printable(first)}`;
  const stack = error === undefined ? [] : (error.stack ?? `${error.name}: ${error.message}`).split('\n');
  const below = [...others.map(printable), ...stack.map((line) => printable(line.trim()))];
  return `${[[head, ...more].join(' '), ...below.map((line) => `    ${line}`)].join('\n')}\n`;
}
