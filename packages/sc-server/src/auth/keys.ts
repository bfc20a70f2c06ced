import { randomBytes } from 'node:crypto';

/** A secret for HS256: 32 random bytes. */
export function generateAuthKey(): string {
  return randomBytes(32).toString('hex');
}
