import { createPrivateKey, createPublicKey, KeyObject, type JsonWebKey } from 'node:crypto';

const minSecretBytes: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };
const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const curveAlgorithms: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};
const minRsaBits = 2048;

/** Algorithms allowed for a published key; excludes those of shared secrets. */
export const asymmetricAlgorithms: readonly string[] = [...rsaAlgorithms, ...Object.values(curveAlgorithms), 'EdDSA'];

/** Describes the problem of a shared secret, as the end of a sentence. */
export function secretProblem(secret: unknown): string | undefined {
  if (typeof secret !== 'string') return 'must be a string';
  // If the secret were a public key, anyone could sign tokens.
  if (/-----\s*BEGIN/i.test(secret)) return 'looks like a PEM: give it as authPrivateKey or authPublicKey';
  if (/^\s*\{[^]*"kty"/.test(secret)) return 'looks like a JSON Web Key: give it as authPrivateKey or authPublicKey';
  return Buffer.byteLength(secret) >= 32 ? undefined : 'must be at least 32 bytes';
}

/** Reads a key in any of its forms. Throws an `Error` whose message is the end of a sentence. */
export function readAsymmetricKey(value: unknown, type: 'private' | 'public'): KeyObject {
  const key = value instanceof KeyObject ? value : parseKey(value, type);
  if (key.type === 'secret') throw new Error(`must be a ${type} key, got a secret`);
  if (type === 'private' && key.type !== 'private') throw new Error('must be a private key, got a public one');
  const own = type === 'public' && key.type === 'private' ? createPublicKey(key) : key;
  algorithmOf(own);
  return own;
}

/**
 * Returns the one algorithm of a key. Throws an `Error` if the key is too weak or does not support the requested
 * algorithm.
 */
export function algorithmOf(key: KeyObject, wanted?: string): string {
  switch (key.asymmetricKeyType) {
    case 'rsa': {
      const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
      if (bits < minRsaBits) throw new Error(`must be an RSA key of at least ${minRsaBits} bits, got ${bits}`);
      return pick(wanted, rsaAlgorithms);
    }
    case 'ec': {
      const only = curveAlgorithms[key.asymmetricKeyDetails?.namedCurve ?? ''];
      if (only === undefined) throw new Error('must be an EC key on P-256, P-384 or P-521');
      return pick(wanted, [only]);
    }
    case 'ed25519':
      return pick(wanted, ['EdDSA']);
    case undefined:
      return pick(wanted, allowedSecretAlgorithms(key.symmetricKeySize ?? 0));
    default:
      throw new Error(`must be an RSA, EC or Ed25519 key, got ${key.asymmetricKeyType}`);
  }
}

/** Throws an `Error` for an algorithm that is not supported. */
export function checkAlgorithm(algorithm: unknown): void {
  const known = [...Object.keys(minSecretBytes), ...asymmetricAlgorithms];
  if (!known.includes(algorithm as string)) throw new Error(`must be one of ${known.join(', ')}`);
}

function allowedSecretAlgorithms(bytes: number): string[] {
  return Object.entries(minSecretBytes).flatMap(([name, least]) => (bytes >= least ? [name] : []));
}

function pick(wanted: string | undefined, allowed: readonly string[]): string {
  const [first = ''] = allowed;
  if (wanted === undefined) return first;
  if (allowed.includes(wanted)) return wanted;
  throw new Error(`must be a key for ${wanted}; this one is for ${allowed.join(', ')}`);
}

function parseKey(value: unknown, type: 'private' | 'public'): KeyObject {
  const isText = typeof value === 'string';
  if (!isText && (typeof value !== 'object' || value === null)) {
    throw new Error(`must be a ${type} key in PEM, as a JSON Web Key or as a KeyObject`);
  }
  const create = type === 'private' ? createPrivateKey : createPublicKey;
  try {
    return isText ? create(value) : create({ key: value as JsonWebKey, format: 'jwk' });
  } catch {
    // The OpenSSL error is not helpful, and may contain parts of the key.
    throw new Error(`must be a ${type} key in PEM, as a JSON Web Key or as a KeyObject`);
  }
}
