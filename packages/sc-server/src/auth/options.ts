import type { JsonWebKey, KeyObject } from 'node:crypto';
import { count, text, value, type OptionsOf } from 'sc-protocol/kit';
import { jsonFromText, keyFromText } from '../kit/options/from-text.js';
import { checkAlgorithm, readAsymmetricKey, secretProblem } from './read-key.js';
import type { SignOptions } from './sign-options.js';

/** A key as PEM, JSON Web Key or `KeyObject`. */
export type AsymmetricKey = string | JsonWebKey | KeyObject;

/** Signs and verifies auth tokens in place of the built-in implementation. */
export interface AuthEngine {
  /** Rejects if the claims cannot be signed; the socket is then closed with 4002. */
  signToken(claims: object, options: SignOptions): string | Promise<string>;
  /**
   * Returns the claims of a valid token; throws or rejects for an invalid one. `exp`, in seconds since 1970, is when
   * the token expires.
   */
  verifyToken(signedAuthToken: string): object | Promise<object>;
}

/** An additional verification key, for a key that is being replaced or for another issuer. */
export interface VerifyKey {
  /** The `kid` of its tokens. Without one, the key is tried for tokens without a `kid`. */
  readonly keyId?: string;
  /** A secret of at least 32 bytes. */
  readonly secret?: string;
  /** A public key, in place of a secret. */
  readonly publicKey?: AsymmetricKey;
  /** @default HS256, RS256, or the algorithm of the key's curve */
  readonly algorithm?: string;
}

const notEmpty = (value: string) => (value === '' ? 'must not be empty' : undefined);

/** Declarations of the options of auth tokens. */
export const authTable = {
  /** Secret that signs and verifies auth tokens, at least 32 bytes. @default a random one, with a warning */
  authKey: text({ check: secretProblem, secret: true }),
  /** Key that signs auth tokens instead of a secret: RSA of 2048 bits or more, EC or Ed25519. */
  authPrivateKey: value<AsymmetricKey>({
    check: (value) => problemWith(() => readAsymmetricKey(value, 'private')),
    secret: true,
    fromText: keyFromText,
  }),
  /** Key that verifies the tokens signed with `authPrivateKey`. @default the public half of `authPrivateKey` */
  authPublicKey: value<AsymmetricKey>({
    check: (value) => problemWith(() => readAsymmetricKey(value, 'public')),
    secret: true,
    fromText: keyFromText,
  }),
  /**
   * Algorithm of the key. No other algorithm is accepted.
   * @default HS256, RS256, or the algorithm of the key's curve
   */
  authAlgorithm: text({ check: (value) => problemWith(() => checkAlgorithm(value)) }),
  /** `kid` of the tokens that this server signs. */
  authKeyId: text({ check: notEmpty }),
  /** Additional keys for verification, for example during a key rotation. */
  authVerifyKeys: value<readonly VerifyKey[]>({
    default: [],
    check: verifyKeysProblem,
    secret: true,
    fromText: jsonFromText,
  }),
  /**
   * URL of a JWK set whose keys are also accepted for verification: https, or http on this host. Redirects are not
   * followed.
   */
  authJwksUrl: text({ check: jwksUrlProblem }),
  /** `iss` that tokens must have, and that signed tokens receive. */
  authIssuer: text({ check: notEmpty }),
  /** `aud` that tokens must have, and that signed tokens receive. */
  authAudience: text({ check: notEmpty }),
  /** Default lifetime of an auth token, in milliseconds. @default `86400000` (a day) */
  authDefaultExpiryMs: count({ default: 86_400_000, min: 1000 }),
  /**
   * Maximum lifetime of an auth token, in milliseconds.
   * @default a day, or `authDefaultExpiryMs` when that is more
   */
  authMaxExpiryMs: count({ min: 1000 }),
  /**
   * Tolerated clock difference to the issuers of tokens, in milliseconds: a token is valid this long before its
   * `nbf` and after its `exp`. Tokens signed by the cluster itself need no tolerance, and it extends the time during
   * which private publications are delivered after a token has expired, so the default is 0.
   */
  authClockToleranceMs: count({ default: 0, min: 0, max: 600_000 }),
  /** Maximum length of a signed auth token, in bytes. */
  authMaxTokenBytes: count({ default: 8192, min: 128 }),
  /** Signs and verifies tokens, in place of all options above. */
  authEngine: value<AuthEngine>({ check: engineProblem }),
  /** Claim that identifies the user, for `disconnectUser` and `deauthenticateUser`. */
  userClaim: text({ default: 'username', check: notEmpty }),
};

/** Options of auth tokens. */
export interface AuthOptions extends OptionsOf<typeof authTable> {}

function problemWith(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function verifyKeysProblem(value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'must be an array of keys';
  for (const entry of value as Partial<VerifyKey>[]) {
    const { secret, publicKey, algorithm } = entry;
    if ((secret === undefined) === (publicKey === undefined)) return 'must hold keys with either secret or publicKey';
    const problem =
      secret !== undefined ? secretProblem(secret) : problemWith(() => readAsymmetricKey(publicKey, 'public'));
    if (problem !== undefined) return `holds a key that ${problem}`;
    const other = algorithm === undefined ? undefined : problemWith(() => checkAlgorithm(algorithm));
    if (other !== undefined) return `holds a key whose algorithm ${other}`;
  }
  return undefined;
}

function jwksUrlProblem(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isLocal = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url?.protocol === 'https:' || isLocal ? undefined : 'must be an https address, or http on this host';
}

function engineProblem(value: unknown): string | undefined {
  const engine = value as Partial<AuthEngine> | null;
  const works = typeof engine?.signToken === 'function' && typeof engine.verifyToken === 'function';
  return works ? undefined : 'must have the functions signToken and verifyToken';
}
