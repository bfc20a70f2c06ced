import { createSecretKey, type KeyObject } from 'node:crypto';
import { SignJWT, errors, jwtVerify, type JWTPayload } from 'jose';
import { AuthTokenError, AuthTokenExpiredError, AuthTokenInvalidError, AuthTokenNotBeforeError } from 'sc-protocol';

/** The claims of an auth token. `exp` and `iat` are seconds since 1970, as in RFC 7519. */
export type AuthToken = Readonly<Record<string, unknown>> & { readonly exp?: number; readonly iat?: number };

export interface SignOptions {
  /** Life of the token. */
  readonly expiresInSeconds?: number;
  readonly expiresInMinutes?: number;
}

/** Signs and verifies auth tokens with one key and one pinned algorithm (RFC 8725 §3.1). */
export interface TokenAuthority {
  /** Throws `AuthTokenError`. */
  sign(claims: object, options?: SignOptions): Promise<string>;
  /** Throws `AuthTokenExpiredError`, `AuthTokenNotBeforeError` or `AuthTokenInvalidError`. */
  verify(signedToken: unknown): Promise<AuthToken>;
}

const algorithm = 'HS256';
const maxTokenBytes = 8192;

export function createTokenAuthority(authKey: string, defaultExpiryMs: number): TokenAuthority {
  const key: KeyObject = createSecretKey(Buffer.from(authKey, 'utf8'));
  return {
    async sign(claims, options = {}) {
      const { exp, ...own } = claims as JWTPayload;
      try {
        const jwt = new SignJWT(own).setProtectedHeader({ alg: algorithm, typ: 'JWT' }).setIssuedAt();
        return await jwt.setExpirationTime(expiry(exp, options, defaultExpiryMs)).sign(key);
      } catch (cause) {
        throw new AuthTokenError(`The auth token could not be signed: ${(cause as Error).message}`, undefined, {
          cause,
        });
      }
    },
    async verify(signedToken) {
      if (typeof signedToken !== 'string') throw new AuthTokenInvalidError('The auth token must be a string');
      if (signedToken.length > maxTokenBytes)
        throw new AuthTokenInvalidError(`The auth token must be at most ${maxTokenBytes} bytes`);
      try {
        const { payload } = await jwtVerify(signedToken, key, { algorithms: [algorithm], requiredClaims: ['exp'] });
        return payload;
      } catch (cause) {
        throw asAuthError(cause);
      }
    },
  };
}

/** Seconds since 1970 at which the token ends. */
function expiry(exp: number | undefined, options: SignOptions, defaultExpiryMs: number): number {
  if (exp !== undefined) return exp;
  const seconds =
    options.expiresInSeconds ?? (options.expiresInMinutes === undefined ? undefined : options.expiresInMinutes * 60);
  if (seconds !== undefined && !(Number.isFinite(seconds) && seconds > 0)) {
    throw new RangeError(`expiresInSeconds must be a number greater than 0, got ${seconds}`);
  }
  return Math.floor(Date.now() / 1000 + (seconds ?? defaultExpiryMs / 1000));
}

function asAuthError(cause: unknown): Error {
  if (cause instanceof errors.JWTExpired) {
    return new AuthTokenExpiredError('The auth token has expired', { expiry: Number(cause.payload.exp) }, { cause });
  }
  if (cause instanceof errors.JWTClaimValidationFailed && cause.claim === 'nbf') {
    return new AuthTokenNotBeforeError(
      'The auth token is not valid yet',
      { date: Number(cause.payload.nbf) },
      { cause },
    );
  }
  return new AuthTokenInvalidError('The auth token is not valid', undefined, { cause });
}
