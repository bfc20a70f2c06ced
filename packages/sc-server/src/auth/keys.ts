import { randomBytes } from 'node:crypto';
import type { Logger } from '../log/logger.js';

/** Generates a secret for HS256: 32 random bytes. */
export function generateAuthKey(): string {
  return randomBytes(32).toString('hex');
}

export function warnRandomAuthKey(logger: Logger): void {
  logger.warn(
    'No authKey was given: auth tokens are signed with a random key and become invalid when this process ends',
  );
}
