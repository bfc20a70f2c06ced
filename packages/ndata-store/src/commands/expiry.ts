import { InvalidArgumentsError } from 'sc-protocol';
import type { Callback } from '../callback.js';
import { toKeysInside } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import type { CallParts } from './call.js';
import { requireFiniteOption, requireKeys } from './checks.js';
import { expiryBytes } from '../data/expiry.js';
import { defineDataCommand } from './define.js';
import { callEach } from './transaction.js';

/** Commands for the expiry of keys. */
export interface ExpiryCommands {
  /** Sets an expiry of `seconds` seconds on each key chain. A later `set` without `ttlMs` does not change it. */
  expire(keys: readonly KeyChain[], seconds: number, callback?: Callback<void>): Promise<void>;
  /** Removes the expiry of keys. */
  unexpire(keys: readonly KeyChain[], callback?: Callback<void>): Promise<void>;
  /** Resolves with the time the key chain expires, in seconds since 1970, or `undefined`. */
  getExpiry(key: KeyChain, callback?: Callback<number | undefined>): Promise<number | undefined>;
}

export const expire = defineDataCommand({
  name: 'expire',
  code: 14,
  writes: true,
  call: (key: KeyChain, seconds: number): CallParts<void> => ({
    keys: toKeysInside(key),
    options: { ttlMs: toMilliseconds(seconds) },
  }),
  async client(shards, call, keys: readonly KeyChain[], seconds: number) {
    await callEach(shards, keys, (key) => call(key, seconds));
  },
  /** A key chain that does not exist can have an expiry, as in the original. */
  growth: (core, { keys }) => (core.expiry.get(keys) === undefined ? expiryBytes : 0),
  run(core, request) {
    requireKeys(request);
    core.expiry.set(request.keys, core.now() + requireFiniteOption(request, 'ttlMs'));
    return undefined;
  },
});

function toMilliseconds(seconds: number): number {
  if (Number.isFinite(seconds)) return seconds * 1000;
  throw new InvalidArgumentsError(`\`seconds\` must be a number, got ${seconds}`);
}

export const unexpire = defineDataCommand({
  name: 'unexpire',
  code: 15,
  writes: true,
  call: (key: KeyChain): CallParts<void> => ({ keys: toKeysInside(key) }),
  async client(shards, call, keys: readonly KeyChain[]) {
    await callEach(shards, keys, (key) => call(key));
  },
  run(core, request) {
    requireKeys(request);
    core.expiry.remove(request.keys);
    return undefined;
  },
});

export const getExpiry = defineDataCommand({
  name: 'getExpiry',
  code: 16,
  call: (key: KeyChain): CallParts<number | undefined> => ({ keys: toKeysInside(key) }),
  run(core, request) {
    const at = core.expiry.get(request.keys);
    return at === undefined ? undefined : String(at / 1000);
  },
});
