import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { InvalidOptionsError } from 'sc-protocol';
import type { AuthOptions } from './options.js';
import { algorithmOf, readAsymmetricKey } from './read-key.js';

/** A key, pinned to one algorithm. */
export interface PinnedKey {
  readonly key: KeyObject;
  readonly algorithm: string;
}

/** All keys of a server at one time. Immutable; replaced as a whole. */
export interface KeySet {
  /** `undefined` if this server only verifies. */
  readonly signing: (PinnedKey & { readonly keyId: string | undefined }) | undefined;
  /** The keys to try for a token with this `kid`, or without one. Each key accepts only its own algorithm. */
  candidates(keyId: string | undefined): readonly PinnedKey[];
}

interface Entry extends PinnedKey {
  readonly keyId: string | undefined;
  /** The server's own key; tokens that it signed before `authKeyId` was set have no `kid`. */
  readonly isOwn: boolean;
}

/** Creates the key set. Throws `InvalidOptionsError` for keys that do not fit their algorithm. */
export function createKeySet(options: AuthOptions): KeySet {
  const { authKey, authPrivateKey, authPublicKey, authAlgorithm, authKeyId, authVerifyKeys = [] } = options;
  const entries: Entry[] = [];
  const accept = (key: PinnedKey, keyId: string | undefined, isOwn = true) => entries.push({ ...key, keyId, isOwn });
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
    accept(pin('authVerifyKeys', key, algorithm), keyId, false);
  }
  return { signing, candidates: (keyId) => candidates(entries, keyId) };
}

/**
 * A `kid` is a hint from the signer, not a condition. A key with that `kid` is the only candidate; for an unknown
 * `kid`, the candidates are the keys without one, or the only key. A token without a `kid` is tried with the server's
 * own keys and the keys without one.
 */
function candidates(entries: readonly Entry[], keyId: string | undefined): readonly PinnedKey[] {
  if (keyId === undefined) return entries.filter((entry) => entry.isOwn || entry.keyId === undefined);
  const named = entries.filter((entry) => entry.keyId === keyId);
  // The last configured key takes precedence.
  if (named.length > 0) return named.slice(-1);
  return entries.length === 1 ? entries : entries.filter((entry) => entry.keyId === undefined);
}

function pin(option: string, key: KeyObject, algorithm: string | undefined): PinnedKey {
  try {
    return { key, algorithm: algorithmOf(key, algorithm) };
  } catch (error) {
    throw new InvalidOptionsError(`\`${option}\` ${(error as Error).message}`, { option });
  }
}
