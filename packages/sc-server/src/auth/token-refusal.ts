import { AuthTokenExpiredError, AuthTokenInvalidError, AuthTokenNotBeforeError } from 'sc-protocol';

/** Rules that strangers break all day; the others point to settings of this server or of the issuer. */
const usual: ReadonlySet<unknown> = new Set(['malformed', 'signature', 'size', 'algorithm']);

/** Whether an error is about the token itself; not so that of middleware, or of a key that could not be fetched. */
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
