import { SignJWT, decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import {
  AuthTokenError,
  AuthTokenExpiredError,
  AuthTokenInvalidError,
  AuthTokenNotBeforeError,
  InvalidArgumentsError,
  type AppShape,
  type ClaimsOf,
} from 'sc-protocol';
import type { Logger } from '../log/logger.js';
import { authDefaults, type AuthOptions } from './options.js';
import { createKeySet, type KeySet } from './key-set.js';
import { asymmetricAlgorithms } from './read-key.js';
import { RemoteKeys } from './remote-keys.js';

/** The claims of an auth token. `exp` and `iat` are seconds since 1970, as in RFC 7519. */
export type AuthToken<App extends AppShape = AppShape> = Readonly<ClaimsOf<App>> & {
  readonly exp?: number;
  readonly iat?: number;
};

export interface SignOptions {
  /** Life of the token. */
  readonly expiresInSeconds?: number;
  readonly expiresInMinutes?: number;
}

/** Signs and verifies auth tokens in place of the server's own way. */
export interface AuthEngine {
  /** Rejects when the claims cannot be signed; the socket is closed with 4002 then. */
  signToken(claims: object, options: SignOptions): string | Promise<string>;
  /**
   * Returns the claims of a token that counts; throws or rejects for one that does not. `exp`, in seconds since 1970,
   * ends the token's power at that time.
   */
  verifyToken(signedAuthToken: string): object | Promise<object>;
}

/** Which tokens count, and how new ones are made. */
export interface TokenAuthority {
  /** Throws `AuthTokenError`, or `InvalidArgumentsError` for claims or a life that cannot be. */
  sign(claims: object, options?: SignOptions): Promise<string>;
  /** Throws `AuthTokenExpiredError`, `AuthTokenNotBeforeError` or `AuthTokenInvalidError`. */
  verify(signedToken: string): Promise<AuthToken>;
}

const maxTried = 8;
/** Our own tokens say what they are; those of others are plain. */
const ownType = 'sc+jwt';
const plainType = 'JWT';

/** Tokens by the server's keys. The algorithm comes from the key, never from the token (RFC 8725 §3.1). */
export class KeyAuthority implements TokenAuthority {
  readonly #options: AuthOptions;
  readonly #keys: KeySet;
  readonly #remote: RemoteKeys | undefined;

  /** Throws `InvalidOptionsError` for keys that do not fit their algorithm. */
  constructor(options: AuthOptions, logger: Logger) {
    this.#options = options;
    this.#keys = createKeySet(options);
    this.#remote = options.authJwksUrl === undefined ? undefined : new RemoteKeys({ url: options.authJwksUrl, logger });
  }

  async sign(claims: object, options: SignOptions = {}): Promise<string> {
    const { signing } = this.#keys;
    const { authIssuer, authAudience } = this.#options;
    checkClaims(claims);
    const exp = this.#expiry((claims as JWTPayload).exp, options);
    try {
      if (signing === undefined) throw new Error('this server has no key to sign with, only keys to verify');
      const header = {
        alg: signing.algorithm,
        typ: ownType,
        ...(signing.keyId !== undefined && { kid: signing.keyId }),
      };
      const jwt = new SignJWT(claims as JWTPayload).setProtectedHeader(header).setIssuedAt().setExpirationTime(exp);
      if (authIssuer !== undefined) jwt.setIssuer(authIssuer);
      if (authAudience !== undefined) jwt.setAudience(authAudience);
      return await jwt.sign(signing.key);
    } catch (cause) {
      const message = `The auth token could not be signed: ${(cause as Error).message}`;
      throw new AuthTokenError(message, undefined, { cause });
    }
  }

  async verify(token: string): Promise<AuthToken> {
    try {
      const { kid, typ } = decodeProtectedHeader(token);
      if (typ !== undefined && ![ownType, plainType.toLowerCase()].includes(typ.toLowerCase())) {
        throw new Error(`The type of the token must be ${ownType} or ${plainType}`);
      }
      const payload = await this.#verifyWithKeys(token, kid);
      this.#checkLife(payload);
      return payload;
    } catch (cause) {
      throw asAuthError(cause);
    }
  }

  async #verifyWithKeys(token: string, keyId: unknown): Promise<JWTPayload> {
    const { byId, withoutId } = this.#keys;
    if (keyId !== undefined && typeof keyId !== 'string') throw new Error('kid must be a string');
    const known = keyId === undefined ? withoutId : [byId.get(keyId)].flatMap((key) => key ?? []);
    let problem: unknown = new Error('No key fits the token');
    for (const { key, algorithm } of known.slice(0, maxTried)) {
      try {
        const { payload } = await jwtVerify(token, key, this.#rules([algorithm]));
        return payload;
      } catch (error) {
        problem = error;
        // The signature was right, so no other key will do.
        if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) throw error;
      }
    }
    if (this.#remote === undefined) throw problem;
    const { payload } = await jwtVerify(token, this.#remote.find, this.#rules([...asymmetricAlgorithms]));
    return payload;
  }

  #rules(algorithms: string[]): JWTVerifyOptions {
    const { authIssuer, authAudience } = this.#options;
    return {
      algorithms,
      requiredClaims: ['exp'],
      ...(authIssuer !== undefined && { issuer: authIssuer }),
      ...(authAudience !== undefined && { audience: authAudience }),
    };
  }

  get #maxSeconds(): number {
    const { authMaxExpiryMs, authDefaultExpiryMs = authDefaults.authDefaultExpiryMs } = this.#options;
    return (authMaxExpiryMs ?? Math.max(authDefaults.authDefaultExpiryMs, authDefaultExpiryMs)) / 1000;
  }

  #checkLife({ exp = 0, iat }: JWTPayload): void {
    const now = Date.now() / 1000;
    // A second for what was rounded.
    if (exp - Math.min(iat ?? now, now) <= this.#maxSeconds + 1) return;
    throw new Error(`The token lives longer than ${this.#maxSeconds} seconds`);
  }

  /** Seconds since 1970 at which a new token ends. */
  #expiry(exp: unknown, { expiresInSeconds, expiresInMinutes }: SignOptions): number {
    const now = Date.now() / 1000;
    const { authDefaultExpiryMs = authDefaults.authDefaultExpiryMs } = this.#options;
    const minutes = expiresInMinutes === undefined ? undefined : expiresInMinutes * 60;
    const asked = typeof exp === 'number' ? exp - now : (expiresInSeconds ?? minutes);
    const seconds = asked ?? Math.min(authDefaultExpiryMs / 1000, this.#maxSeconds);
    if (Number.isFinite(seconds) && seconds > 0 && seconds <= this.#maxSeconds) {
      return typeof exp === 'number' ? exp : Math.floor(now + seconds);
    }
    throw new InvalidArgumentsError(
      `The life of an auth token must be more than 0 and at most ${this.#maxSeconds} seconds (see authMaxExpiryMs), got ${seconds}`,
    );
  }
}

/** Tokens by an engine of the application. */
export function engineAuthority(engine: AuthEngine): TokenAuthority {
  return {
    async sign(claims, options = {}) {
      checkClaims(claims);
      try {
        return await engine.signToken(claims, options);
      } catch (cause) {
        const message = `The auth token could not be signed: ${(cause as Error).message}`;
        throw new AuthTokenError(message, undefined, { cause });
      }
    },
    async verify(token) {
      try {
        const claims = await engine.verifyToken(token);
        checkClaims(claims);
        const { exp } = claims as AuthToken;
        if (exp !== undefined && exp * 1000 <= Date.now()) throw expired(exp);
        return claims as AuthToken;
      } catch (cause) {
        throw asAuthError(cause);
      }
    },
  };
}

function checkClaims(claims: unknown): void {
  if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return;
  throw new InvalidArgumentsError('The claims of an auth token must be an object');
}

function expired(expiry: number, cause?: unknown): AuthTokenExpiredError {
  return new AuthTokenExpiredError('The auth token has expired', { expiry }, { cause });
}

function asAuthError(cause: unknown): Error {
  if (cause instanceof AuthTokenExpiredError || cause instanceof AuthTokenNotBeforeError) return cause;
  if (cause instanceof errors.JWTExpired) return expired(Number(cause.payload.exp), cause);
  if (cause instanceof errors.JWTClaimValidationFailed && cause.claim === 'nbf') {
    const date = Number(cause.payload.nbf);
    return new AuthTokenNotBeforeError('The auth token is not valid yet', { date }, { cause });
  }
  return new AuthTokenInvalidError('The auth token is not valid', undefined, { cause });
}
