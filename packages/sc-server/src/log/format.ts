import type { LogEntry, LogLevel } from './entry.js';

const colours: Readonly<Record<LogLevel, string>> = { error: '31', warn: '33', info: '36', debug: '90' };

/** One line of JSON. */
export function formatJson({ time, level, origin, message, details, error }: LogEntry): string {
  return `${JSON.stringify({ time: new Date(time).toISOString(), level, ...origin, message, ...redact(details), error })}\n`;
}

/** For a terminal: time, level, origin, message, and the stack indented below. */
export function formatPretty({ time, level, origin, message, details, error }: LogEntry, useColour: boolean): string {
  const paint = (code: string, text: string) => (useColour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const clock = new Date(time).toTimeString().slice(0, 8);
  const who = `${origin.role}${origin.id === undefined ? '' : ` ${origin.id}`}${origin.pid === undefined ? '' : ` (${origin.pid})`}`;
  const more = Object.entries(redact(details) ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${printable(JSON.stringify(value))}`);
  const head = `${paint('90', clock)} ${paint(colours[level], level.padEnd(5))} ${paint('90', who)} ${printable(message)}`;
  const stack = error === undefined ? [] : (error.stack ?? `${error.name}: ${error.message}`).split('\n');
  return `${[[head, ...more].join(' '), ...stack.map((line) => `    ${printable(line.trim())}`)].join('\n')}\n`;
}

/** Log injection: a line break or terminal code inside a value must not look like a line of ours. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
}

const secretNames = new Set([
  'token',
  'authtoken',
  'signedauthtoken',
  'access_token',
  'authorization',
  'cookie',
  'authkey',
  'secretkey',
  'secret',
  'passphrase',
  'password',
]);

function redact(details: LogEntry['details']): LogEntry['details'] {
  if (details === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, secretNames.has(key.toLowerCase()) ? '[redacted]' : value]),
  );
}
