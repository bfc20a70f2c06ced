import { AuthTokenExpiredError, AuthTokenInvalidError, AuthTokenNotBeforeError } from 'sc-protocol';

/**
 * Rules that invalid tokens from outside violate routinely; the others point to the settings of this server or of the
 * issuer.
 */
const usual: ReadonlySet<unknown> = new Set(['malformed', 'signature', 'size', 'algorithm']);

/** Whether an error concerns the token itself, as opposed to middleware or a key that could not be fetched. */
export function isRefusedToken(error: unknown): boolean {
  return (
    error instanceof AuthTokenNotBeforeError ||
    error instanceof AuthTokenExpiredError ||
    error instanceof AuthTokenInvalidError
  );
}

/** Whether a token was refused for a reason that points to a setting: the key, the issuer, the lifetime, a clock. */
export function isAboutSettings(error: unknown): boolean {
  return (
    error instanceof AuthTokenNotBeforeError ||
    (error instanceof AuthTokenInvalidError && !usual.has((error as { reason?: unknown }).reason))
  );
}
