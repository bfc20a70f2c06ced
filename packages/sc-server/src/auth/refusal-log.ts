import { AuthTokenExpiredError, AuthTokenInvalidError, AuthTokenNotBeforeError } from 'sc-protocol';
import type { Logger } from '../log/logger.js';

/** Reports that a socket's token was refused. The token itself is not logged. */
export type RefusalLog = (error: unknown, socketId: string) => void;

/** Rules that strangers break all day; the others point to settings of this server or of the issuer. */
const usual: ReadonlySet<unknown> = new Set(['malformed', 'signature', 'size', 'algorithm']);

/**
 * Logs why tokens were refused: as warnings when a setting may be wrong (the key, the issuer, the
 * lifetime, a clock), else for debugging only.
 */
export function createRefusalLog(logger: Logger): RefusalLog {
  return (error, socketId) => {
    const isSetting =
      error instanceof AuthTokenNotBeforeError ||
      (error instanceof AuthTokenInvalidError && !usual.has((error as { reason?: unknown }).reason));
    const isKnown = isSetting || error instanceof AuthTokenExpiredError || error instanceof AuthTokenInvalidError;
    if (isSetting) logger.warn('An auth token was refused', { error, socketId });
    else if (isKnown) logger.debug('An auth token was refused', { error, socketId });
  };
}
