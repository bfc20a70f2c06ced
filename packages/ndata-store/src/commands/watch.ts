import { keyChainId, toKeysInside } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import type { CallParts } from './call.js';
import { requireKeys } from './checks.js';
import { defineCommand } from './define.js';

/** Notifies the caller of every write at, above or beneath the key chain. The client manages the listeners. */
export const watch = defineCommand({
  name: 'watch',
  code: 33,
  call: (key: KeyChain): CallParts<void> => ({ keys: toKeysInside(key) }),
  async client(shards, call, key: KeyChain) {
    const made = call(key);
    await shards.of(made.keys[0] ?? '').retain(`watch ${keyChainId(made.keys)}`, made);
  },
  run(core, request, caller) {
    requireKeys(request);
    core.watchers.add(request.keys, caller);
    return undefined;
  },
});

export const unwatch = defineCommand({
  name: 'unwatch',
  code: 34,
  call: (key: KeyChain): CallParts<void> => ({ keys: toKeysInside(key) }),
  async client(shards, call, key: KeyChain) {
    const made = call(key);
    await shards.of(made.keys[0] ?? '').release(`watch ${keyChainId(made.keys)}`, made);
  },
  run(core, request, caller) {
    requireKeys(request);
    core.watchers.remove(request.keys, caller);
    return undefined;
  },
});
