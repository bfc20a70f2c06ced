import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { InvalidOptionsError } from 'sc-protocol';
import type { AuthOptions } from './options.js';
import { algorithmOf, readAsymmetricKey } from './read-key.js';

/** A key with the one algorithm it is for. */
export interface PinnedKey {
  readonly key: KeyObject;
  readonly algorithm: string;
}

/** All keys of a server at one time. Never changed; replaced as a whole. */
export interface KeySet {
  /** `undefined` when this server verifies only. */
  readonly signing: (PinnedKey & { readonly keyId: string | undefined }) | undefined;
  /** The key for tokens with this `kid`. A Map, so that no name is special. */
  readonly byId: ReadonlyMap<string, PinnedKey>;
  /** The keys that are tried for tokens without `kid`. */
  readonly withoutId: readonly PinnedKey[];
}

/** Makes the set. Throws `InvalidOptionsError` for keys that do not fit their algorithm. */
export function createKeySet(options: AuthOptions): KeySet {
  const { authKey, authPrivateKey, authPublicKey, authAlgorithm, authKeyId, authVerifyKeys = [] } = options;
  const byId = new Map<string, PinnedKey>();
  const withoutId: PinnedKey[] = [];
  const accept = (key: PinnedKey, keyId: string | undefined) => {
    if (keyId === undefined) withoutId.push(key);
    else byId.set(keyId, key);
  };
  const hasPair = authPrivateKey !== undefined || authPublicKey !== undefined;
  let signing: KeySet['signing'];
  if (authPrivateKey !== undefined) {
    const pinned = pin('authPrivateKey', readAsymmetricKey(authPrivateKey, 'private'), authAlgorithm);
    signing = { ...pinned, keyId: authKeyId };
    if (authPublicKey === undefined) accept({ ...pinned, key: createPublicKey(pinned.key) }, authKeyId);
  }
  if (authPublicKey !== undefined) {
    accept(pin('authPublicKey', readAsymmetricKey(authPublicKey, 'public'), authAlgorithm), authKeyId);
  }
  if (authKey !== undefined) {
    const pinned = pin('authKey', createSecretKey(Buffer.from(authKey, 'utf8')), hasPair ? undefined : authAlgorithm);
    signing ??= { ...pinned, keyId: authKeyId };
    accept(pinned, hasPair ? undefined : authKeyId);
  }
  for (const { keyId, secret, publicKey, algorithm } of authVerifyKeys) {
    const key = secret === undefined ? readAsymmetricKey(publicKey, 'public') : createSecretKey(Buffer.from(secret));
    accept(pin('authVerifyKeys', key, algorithm), keyId);
  }
  return { signing, byId, withoutId };
}

function pin(option: string, key: KeyObject, algorithm: string | undefined): PinnedKey {
  try {
    return { key, algorithm: algorithmOf(key, algorithm) };
  } catch (error) {
    throw new InvalidOptionsError(`\`${option}\` ${(error as Error).message}`, { option });
  }
}
