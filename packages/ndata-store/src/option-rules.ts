import { Buffer } from 'node:buffer';
import { InvalidOptionsError } from 'sc-protocol';
import { refuseUnknown, requireWholeNumbers } from 'sc-protocol/kit';

/** Minimum length of a secret in bytes. */
export const minSecretBytes = 32;

/** Throws for an unknown option and suggests the nearest known name. */
export function checkNames(options: object, known: readonly string[], prefix = ''): void {
  refuseUnknown(options, known, { of: 'ndata-store', prefix });
}

/** Throws unless the value is an integer within the bounds. */
export function checkNumber(name: string, value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): void {
  requireWholeNumbers({ [name]: value }, [name], { min, max });
}

/** Throws if the secret is too short. The message never contains the secret. */
export function checkSecret(secret: unknown): void {
  if (secret === undefined) return;
  if (typeof secret === 'string' && Buffer.byteLength(secret) >= minSecretBytes) return;
  const got = typeof secret === 'string' ? `${Buffer.byteLength(secret)} bytes` : typeof secret;
  throw new InvalidOptionsError(`\`secret\` must be a text of at least ${minSecretBytes} bytes, got ${got}`, {
    option: 'secret',
  });
}
