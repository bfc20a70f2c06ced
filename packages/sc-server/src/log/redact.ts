import type { LogEntry } from './entry.js';

const removed = '[redacted]';

/** Names of secret fields, in lower case and without "-" and "_". */
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

/**
 * Maximum depth, more than any detail of ours has. Deeper values are omitted, which also stops at circular references.
 */
const maxDepth = 8;
const tooDeep = '[too deep]';

/** In characters. Longer text is truncated, so that external text can neither fill the log nor take long to search. */
const maxTextLength = 65_536;

/** Secret parameters of a query string or of a form. */
const secretParameters =
  'token|access_token|refresh_token|id_token|auth_?token|signed_?auth_?token|password|secret|api_?key';
const parameter = new RegExp(`([?&#;](?:${secretParameters})=)[^&#;\\s'"]+`, 'gi');

/** Removes tokens, cookies, keys and passwords from all texts and fields of an entry. */
export function redactEntry(entry: LogEntry): LogEntry {
  const { message, details, error } = entry;
  return {
    ...entry,
    message: redactText(message),
    ...(details !== undefined && { details: redactFields(details, 0) }),
    ...(error !== undefined && { error: redactFields(error, 0) }),
  };
}

/** Removes tokens, cookies, keys and passwords from client data. */
export function redactData(data: unknown): unknown {
  return redactValue(data, 0);
}

/**
 * Removes from a text everything that looks like a signed or encrypted token, the credentials of an `Authorization`
 * header or of a URL, the rest of a line that begins like a cookie header, or a private key. Linear in the length of
 * the text.
 */
export function redactText(text: string): string {
  return shorten(text)
    .replace(/(?<![\w-])eyJ[\w-]{5,}(?:\.[\w-]*){2,4}/g, removed)
    .replace(/(?<!\w)(bearer|basic) {1,3}[\w.~+/=-]{6,}/gi, `$1 ${removed}`)
    .replace(/(?<![\w-])((?:set-)?cookie['"]? ?: ?)[^\r\n]+/gi, `$1${removed}`)
    .replace(parameter, `$1${removed}`)
    .replace(/(\w:\/\/[^\s/:@]{0,256}:)[^\s/@]{1,1024}@/g, `$1${removed}@`)
    .replace(/-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\w+/=\s\\:,-]*/g, removed);
}

function shorten(text: string): string {
  const left = text.length - maxTextLength;
  return left > 0 ? `${text.slice(0, maxTextLength)} [${left} more characters]` : text;
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
  if (typeof value === 'bigint') return String(value); // JSON has no bigints.
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value)) return value;
  if (depth > maxDepth) return tooDeep;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  if (value instanceof Map) return redactFields(Object.fromEntries(value) as object, depth);
  if (value instanceof Set) return [...value].map((item) => redactValue(item, depth + 1));
  if (value instanceof URL) return redactText(value.href);
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    return redactFields({ ...(value as object), name, message, stack, ...(cause !== undefined && { cause }) }, depth);
  }
  return redactFields(value, depth);
}

function isSecret(name: string): boolean {
  return secretNames.has(name.toLowerCase().replace(/[-_]/g, ''));
}
