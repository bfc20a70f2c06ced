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
import { settle, type SettledOptions } from 'sc-protocol/kit';
import type { Logger } from '../log/logger.js';
import { authTable, type AuthEngine, type AuthOptions } from './options.js';
import { createKeySet, type KeySet } from './key-set.js';
import { asymmetricAlgorithms } from './read-key.js';
import { RemoteKeys } from './remote-keys.js';
import { requestedLifetime, type SignOptions } from './sign-options.js';

/** The claims of an auth token. `exp` and `iat` are seconds since 1970, as in RFC 7519. */
export type AuthToken<App extends AppShape = AppShape> = Readonly<ClaimsOf<App>> & {
  readonly exp?: number;
  readonly iat?: number;
};

/** A token whose claims are known and whose signature may still be pending. */
export interface IssuedToken {
  readonly token: AuthToken;
  /** The signed token. Rejects with `AuthTokenError`. */
  readonly signed: Promise<string>;
}

/** Verifies tokens and issues new ones. */
export interface TokenAuthority {
  /** Throws `InvalidArgumentsError` for invalid claims or an invalid lifetime. */
  issue(claims: object, options?: SignOptions): IssuedToken;
  /** Throws `AuthTokenExpiredError`, `AuthTokenNotBeforeError` or `AuthTokenInvalidError`. */
  verify(signedToken: string): Promise<AuthToken>;
}

const maxTried = 8;
/** Type header of tokens signed here (RFC 8725 §3.11). */
const ownType = 'sc+jwt';
/** Tokens of other issuers are plain JWTs or access tokens (RFC 9068). The prefix `application/` is optional. */
const acceptedType = /^(application\/)?(sc\+jwt|at\+jwt|jwt)$/i;

/**
 * Signs and verifies with the server's keys. The algorithm comes from the key, never from the token (RFC 8725 §3.1).
 */
export class KeyAuthority implements TokenAuthority {
  readonly #options: SettledOptions<typeof authTable>;
  readonly #keys: KeySet;
  readonly #remote: RemoteKeys | undefined;

  /** Throws `InvalidOptionsError` for keys that do not fit their algorithm. */
  constructor(options: AuthOptions, logger: Logger) {
    this.#options = settle(authTable, options);
    this.#keys = createKeySet(options);
    this.#remote = options.authJwksUrl === undefined ? undefined : new RemoteKeys({ url: options.authJwksUrl, logger });
  }

  /** Signs a token with these claims. */
  issue(claims: object, options: SignOptions = {}): IssuedToken {
    const { authIssuer, authAudience } = this.#options;
    const token: AuthToken = {
      ...copyClaims(claims),
      iat: Math.floor(Date.now() / 1000),
      exp: this.#expiry((claims as JWTPayload).exp, options),
      ...(authIssuer !== undefined && { iss: authIssuer }),
      ...(authAudience !== undefined && { aud: authAudience }),
    };
    return { token, signed: this.#sign(token) };
  }

  async #sign(token: AuthToken): Promise<string> {
    const { signing } = this.#keys;
    try {
      if (signing === undefined) throw new Error('this server has no key to sign with, only keys to verify');
      const { algorithm: alg, keyId: kid, key } = signing;
      const header = { alg, typ: ownType, ...(kid !== undefined && { kid }) };
      return await new SignJWT(token).setProtectedHeader(header).sign(key);
    } catch (cause) {
      throw signError(cause);
    }
  }

  /** Verifies a token. Rejects with an error that describes the problem. */
  async verify(token: string): Promise<AuthToken> {
    try {
      const { kid, typ } = decodeProtectedHeader(token);
      if (typ !== undefined && !acceptedType.test(typ)) {
        throw new TokenProblem('type', `its type must be ${ownType}, at+jwt or JWT`);
      }
      const payload = await this.#verifyWithKeys(token, kid);
      this.#checkLife(payload);
      return payload;
    } catch (cause) {
      throw asAuthError(cause);
    }
  }

  async #verifyWithKeys(token: string, keyId: unknown): Promise<JWTPayload> {
    if (keyId !== undefined && typeof keyId !== 'string')
      throw new TokenProblem('malformed', 'its kid must be a string');
    let problem: unknown = new TokenProblem('unknown-key', 'no configured key has its kid');
    for (const { key, algorithm } of this.#keys.candidates(keyId).slice(0, maxTried)) {
      try {
        const { payload } = await jwtVerify(token, key, this.#rules([algorithm]));
        return payload;
      } catch (error) {
        problem = error;
        // The signature is valid, so trying other keys is pointless.
        if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) throw error;
      }
    }
    if (this.#remote === undefined) throw problem;
    const { payload } = await jwtVerify(token, this.#remote.find, this.#rules([...asymmetricAlgorithms]));
    return payload;
  }

  #rules(algorithms: string[]): JWTVerifyOptions {
    const { authIssuer, authAudience, authClockToleranceMs } = this.#options;
    return {
      algorithms,
      clockTolerance: authClockToleranceMs / 1000,
      requiredClaims: ['exp'],
      ...(authIssuer !== undefined && { issuer: authIssuer }),
      ...(authAudience !== undefined && { audience: authAudience }),
    };
  }

  get #maxSeconds(): number {
    const { authMaxExpiryMs, authDefaultExpiryMs } = this.#options;
    return (authMaxExpiryMs ?? Math.max(authTable.authDefaultExpiryMs.default, authDefaultExpiryMs)) / 1000;
  }

  #checkLife({ exp = 0, iat }: JWTPayload): void {
    const now = Date.now() / 1000;
    // Allows one second for rounding.
    if (exp - Math.min(iat ?? now, now) <= this.#maxSeconds + 1) return;
    throw new TokenProblem('lifetime', `it lives longer than ${this.#maxSeconds} seconds (authMaxExpiryMs)`);
  }

  /** Expiry of a new token, in seconds since 1970. */
  #expiry(exp: unknown, options: SignOptions): number {
    const now = Date.now() / 1000;
    const { authDefaultExpiryMs } = this.#options;
    const lifetime = requestedLifetime(options);
    const asked = typeof exp === 'number' ? exp - now : lifetime;
    const seconds = asked ?? Math.min(authDefaultExpiryMs / 1000, this.#maxSeconds);
    if (Number.isFinite(seconds) && seconds > 0 && seconds <= this.#maxSeconds) {
      return typeof exp === 'number' ? exp : Math.floor(now + seconds);
    }
    throw new InvalidArgumentsError(
      `The life of an auth token must be more than 0 and at most ${this.#maxSeconds} seconds (see authMaxExpiryMs), got ${seconds}`,
    );
  }
}

/** Signs and verifies with an engine of the application. */
export function engineAuthority(engine: AuthEngine): TokenAuthority {
  return {
    issue(claims, options = {}) {
      return { token: copyClaims(claims), signed: signWith(engine, claims, options) };
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

async function signWith(engine: AuthEngine, claims: object, options: SignOptions): Promise<string> {
  try {
    return await engine.signToken(claims, options);
  } catch (cause) {
    throw signError(cause);
  }
}

function signError(cause: unknown): AuthTokenError {
  const message = `The auth token could not be signed: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new AuthTokenError(message, undefined, { cause });
}

/** Returns a deep copy of the claims as a verifier will read them. Throws `InvalidArgumentsError`. */
function copyClaims(claims: object): AuthToken {
  checkClaims(claims);
  let copy: unknown;
  try {
    copy = JSON.parse(JSON.stringify(claims));
  } catch (cause) {
    const message = `The claims of an auth token must be data that JSON can hold: ${(cause as Error).message}`;
    throw new InvalidArgumentsError(message, undefined, { cause });
  }
  checkClaims(copy);
  return copy as AuthToken;
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
  const { reason, message } = problemOf(cause);
  return new AuthTokenInvalidError(`The auth token is not valid: ${message}`, { reason }, { cause });
}

/** The rule that a token violates. */
export type TokenRule =
  'algorithm' | 'audience' | 'issuer' | 'lifetime' | 'malformed' | 'no-expiry' | 'signature' | 'type' | 'unknown-key';

class TokenProblem extends Error {
  readonly reason: TokenRule;

  constructor(reason: TokenRule, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * The reason for refusing a token. Safe to send to the client: it names the violated rule and reveals nothing of the
 * token's content.
 */
function problemOf(cause: unknown): Pick<TokenProblem, 'reason' | 'message'> {
  if (cause instanceof TokenProblem) return cause;
  if (cause instanceof errors.JWTClaimValidationFailed) {
    if (cause.claim === 'exp') return { reason: 'no-expiry', message: 'it has no time at which it ends (exp)' };
    if (cause.claim === 'iss') return { reason: 'issuer', message: 'its iss is not authIssuer' };
    if (cause.claim === 'aud') return { reason: 'audience', message: 'its aud is not authAudience' };
  }
  if (cause instanceof errors.JWSSignatureVerificationFailed) {
    return { reason: 'signature', message: 'no configured key made its signature' };
  }
  if (cause instanceof errors.JOSEAlgNotAllowed)
    return { reason: 'algorithm', message: 'its algorithm is not accepted' };
  if (cause instanceof errors.JWKSNoMatchingKey) return { reason: 'unknown-key', message: 'no published key fits it' };
  return { reason: 'malformed', message: 'it cannot be read' };
}
