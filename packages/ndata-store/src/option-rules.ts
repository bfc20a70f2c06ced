import { Buffer } from 'node:buffer';
import { InvalidOptionsError } from 'sc-protocol';
import { refuseUnknown, requireWholeNumbers } from 'sc-protocol/kit';

/** Shortest secret, in bytes. */
export const minSecretBytes = 32;

/** Refuses an option that does not exist, naming the nearest that does. */
export function checkNames(options: object, known: readonly string[], prefix = ''): void {
  refuseUnknown(options, known, { of: 'ndata-store', prefix });
}

/** Refuses anything but a whole number within the bounds. */
export function checkNumber(name: string, value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): void {
  requireWholeNumbers({ [name]: value }, [name], { min, max });
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
