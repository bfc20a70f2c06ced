import type { JsonWebKey, KeyObject } from 'node:crypto';
import type { Rules } from '../kit/options/check.js';
import { jsonFromText, keyFromText } from '../kit/options/from-text.js';
import { checkAlgorithm, readAsymmetricKey, secretProblem } from './read-key.js';
import type { SignOptions } from './sign-options.js';

/** A key in PEM, as a JSON Web Key, or as Node holds it. */
export type AsymmetricKey = string | JsonWebKey | KeyObject;

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

/** A further key that tokens may be signed with; for one that is being replaced, or for another issuer's. */
export interface VerifyKey {
  /** The `kid` of the tokens it is for. Without one it is tried for tokens that have none. */
  readonly keyId?: string;
  /** A secret of at least 32 bytes. */
  readonly secret?: string;
  /** Or a public key. */
  readonly publicKey?: AsymmetricKey;
  /** @default HS256, RS256, or what the curve of the key says */
  readonly algorithm?: string;
}

/** Options that say which auth tokens count. */
export interface AuthOptions {
  /** Secret that signs and verifies auth tokens, at least 32 bytes. @default a random one, with a warning */
  authKey?: string;
  /** Key that signs auth tokens instead of a secret: RSA of 2048 bits or more, EC or Ed25519. */
  authPrivateKey?: AsymmetricKey;
  /** Key that verifies them. @default the public half of `authPrivateKey` */
  authPublicKey?: AsymmetricKey;
  /** Algorithm of the key above; no other is accepted. @default HS256, RS256, or what the curve of the key says */
  authAlgorithm?: string;
  /** `kid` of the tokens that are signed here. @default none */
  authKeyId?: string;
  /** Further keys that verify. @default [] */
  authVerifyKeys?: readonly VerifyKey[];
  /** Address of a JWK set whose keys verify too: https, or http on this host. Redirects are not followed. */
  authJwksUrl?: string;
  /** `iss` that tokens must have, and get. */
  authIssuer?: string;
  /** `aud` that tokens must have, and get. */
  authAudience?: string;
  /** Life of an auth token that says nothing else, in milliseconds. @default 86400000 (a day) */
  authDefaultExpiryMs?: number;
  /** Longest life of an auth token, in milliseconds. @default a day, or `authDefaultExpiryMs` when that is more */
  authMaxExpiryMs?: number;
  /**
   * How far the clocks of those who sign tokens may differ from this one's, in milliseconds: a token counts so much before
   * its `nbf`, and so much after its `exp`. Tokens of this server's own cluster need none, and with it a token that has
   * ended lets private publications through for so much longer, so it is 0 unless set. @default 0
   */
  authClockToleranceMs?: number;
  /** Longest signed auth token, in bytes. @default 8192 */
  authMaxTokenBytes?: number;
  /** Signs and verifies in place of all of the above. */
  authEngine?: AuthEngine;
  /** The claim that names the user, for `disconnectUser` and its like. @default 'username' */
  userClaim?: string;
}

export const authDefaults = {
  authVerifyKeys: [] as readonly VerifyKey[],
  authDefaultExpiryMs: 86_400_000,
  authMaxTokenBytes: 8192,
  authClockToleranceMs: 0,
  userClaim: 'username',
} as const satisfies Partial<AuthOptions>;

const notEmpty = (value: string) => (value === '' ? 'must not be empty' : undefined);

export const authRules: Rules<AuthOptions> = {
  authKey: { type: 'string', check: secretProblem, secret: true },
  authPrivateKey: {
    type: 'any',
    check: (value) => problemWith(() => readAsymmetricKey(value, 'private')),
    secret: true,
    fromText: keyFromText,
  },
  authPublicKey: {
    type: 'any',
    check: (value) => problemWith(() => readAsymmetricKey(value, 'public')),
    secret: true,
    fromText: keyFromText,
  },
  authAlgorithm: { type: 'string', check: (value) => problemWith(() => checkAlgorithm(value)) },
  authKeyId: { type: 'string', check: notEmpty },
  authVerifyKeys: { type: 'any', check: verifyKeysProblem, secret: true, fromText: jsonFromText },
  authJwksUrl: { type: 'string', check: jwksUrlProblem },
  authIssuer: { type: 'string', check: notEmpty },
  authAudience: { type: 'string', check: notEmpty },
  authDefaultExpiryMs: { type: 'count', min: 1000 },
  authMaxExpiryMs: { type: 'count', min: 1000 },
  authClockToleranceMs: { type: 'count', min: 0, max: 600_000 },
  authMaxTokenBytes: { type: 'count', min: 128 },
  authEngine: { type: 'any', check: engineProblem },
  userClaim: { type: 'string', check: notEmpty },
};

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
