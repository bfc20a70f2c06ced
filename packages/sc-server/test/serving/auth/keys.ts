import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
  type SignKeyObjectInput,
} from 'node:crypto';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

export const now = () => Math.floor(Date.now() / 1000);
export const claims = () => ({ username: 'alice', iat: now(), exp: now() + 600 });

/** A token made by hand, so that what no library would sign can be tried. */
export function token(header: object, payload: unknown, makeSignature: (input: string) => Buffer | string): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const signature = makeSignature(input);
  return `${input}.${typeof signature === 'string' ? signature : signature.toString('base64url')}`;
}

export const hmac =
  (secret: string | Buffer, hash = 'sha256') =>
  (input: string) =>
    createHmac(hash, secret).update(input).digest();

export function hs256(payload: unknown, secret: string, header: object = {}): string {
  return token({ alg: 'HS256', ...header }, payload, hmac(secret));
}

export interface Pair {
  readonly algorithm: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly sign: (payload: unknown, header?: object) => string;
}

export function pair(algorithm: 'RS256' | 'PS256' | 'ES256' | 'ES384' | 'EdDSA'): Pair {
  const privateKey = makePrivateKey(algorithm);
  const input: Partial<SignKeyObjectInput> = {
    ...(algorithm.startsWith('ES') && { dsaEncoding: 'ieee-p1363' }),
    ...(algorithm.startsWith('PS') && { padding: 6, saltLength: 32 }),
  };
  const hash = algorithm === 'EdDSA' ? undefined : `sha${algorithm.slice(2)}`;
  return {
    algorithm,
    privateKey,
    publicKey: createPublicKey(privateKey),
    sign: (payload, header = {}) =>
      token({ alg: algorithm, ...header }, payload, (text) =>
        sign(hash, Buffer.from(text), { ...input, key: privateKey }),
      ),
  };
}

function makePrivateKey(algorithm: string): KeyObject {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    case 'EdDSA':
      return generateKeyPairSync('ed25519').privateKey;
    default:
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  }
}
