import { Buffer } from 'node:buffer';
import { InvalidOptionsError } from 'sc-protocol';

/** Shortest secret, in bytes. */
export const minSecretBytes = 32;

/** Refuses an option that does not exist, naming the nearest that does. */
export function checkNames(options: object, known: readonly string[], prefix = ''): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const nearest = [...known].sort((a, b) => distance(name, a) - distance(name, b))[0] ?? '';
    throw new InvalidOptionsError(`There is no option \`${prefix}${name}\`; did you mean \`${prefix}${nearest}\`?`, {
      option: prefix + name,
    });
  }
}

/** Refuses what is not a whole number within the bounds. */
export function checkNumber(name: string, value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return;
  const rule = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `between ${min} and ${max}`;
  throw new InvalidOptionsError(`\`${name}\` must be a whole number ${rule}, got ${String(value)}`, { option: name });
}

/** Refuses a secret that is too short to be one. Its text never stands in the message. */
export function checkSecret(secret: unknown): void {
  if (secret === undefined) return;
  if (typeof secret === 'string' && Buffer.byteLength(secret) >= minSecretBytes) return;
  const got = typeof secret === 'string' ? `${Buffer.byteLength(secret)} bytes` : typeof secret;
  throw new InvalidOptionsError(`\`secret\` must be a text of at least ${minSecretBytes} bytes, got ${got}`, {
    option: 'secret',
  });
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1]?.toLowerCase() === b[j - 1]?.toLowerCase() ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
