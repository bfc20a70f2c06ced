import type { LogEntry } from './entry.js';

const removed = '[redacted]';

/** Names of fields, in lower case and without "-" and "_". */
const secretNames = new Set([
  'token',
  'authtoken',
  'signedauthtoken',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'cookies',
  'authkey',
  'authprivatekey',
  'privatekey',
  'secretkey',
  'sessionkey',
  'storesecret',
  'secret',
  'passphrase',
  'password',
]);

/** Deeper than any detail of ours; what lies below is left as it is, so that a value that holds itself does no harm. */
const maxDepth = 8;

/** The entry without tokens, cookies, keys and passwords, in whatever text or field of it they are. */
export function redactEntry(entry: LogEntry): LogEntry {
  const { message, details, error } = entry;
  return {
    ...entry,
    message: redactText(message),
    ...(details !== undefined && { details: redactFields(details, 0) }),
    ...(error !== undefined && { error: redactFields(error, 0) }),
  };
}

/**
 * Text without what looks like a signed token, the credentials of an `Authorization` header, or the rest of a line that
 * begins like a cookie header. Linear in the length of the text.
 */
export function redactText(text: string): string {
  return text
    .replace(/(?<![\w-])eyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, removed)
    .replace(/(?<!\w)(bearer|basic) {1,3}[\w.~+/=-]{6,}/gi, `$1 ${removed}`)
    .replace(/(?<![\w-])((?:set-)?cookie['"]? ?: ?)[^\r\n]+/gi, `$1${removed}`)
    .replace(/([?&](?:token|access_token|authToken)=)[^&\s'"]+/gi, `$1${removed}`);
}

function redactFields<Fields extends object>(fields: Fields, depth: number): Fields {
  const entries = Object.entries(fields).map(([name, value]: [string, unknown]) => [
    name,
    redactField(name, value, depth),
  ]);
  return Object.fromEntries(entries) as Fields;
}

function redactField(name: string, value: unknown, depth: number): unknown {
  return isSecret(name) && value !== undefined && value !== null ? removed : redactValue(value, depth + 1);
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null || depth > maxDepth) return value;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  // Dates, buffers and the like are no bags of fields.
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
  return isPlain ? redactFields(value, depth) : value;
}

function isSecret(name: string): boolean {
  return secretNames.has(name.toLowerCase().replace(/[-_]/g, ''));
}
