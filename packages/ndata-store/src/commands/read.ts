import type { Callback } from '../callback.js';
import { closeNode, listItems } from '../data/tree-node.js';
import { toKeys, toKeysInside } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import type { CallParts } from './call.js';
import { defineDataCommand } from './define.js';
import { storedFalse, storedTrue } from './value-options.js';

/** Commands that read values. */
export interface ReadCommands {
  /** Resolves with the value, or `undefined` if the key does not exist. */
  get(key: KeyChain, callback?: Callback<unknown>): Promise<unknown>;
  /** Resolves with whether the key exists. */
  hasKey(key: KeyChain, callback?: Callback<boolean>): Promise<boolean>;
  /**
   * Resolves with the number of entries; 1 for a value that is neither an array nor an object; 0 for a missing key,
   * null, false, 0 and the empty text.
   */
  count(key: KeyChain, callback?: Callback<number>): Promise<number>;
}

export const get = defineDataCommand({
  name: 'get',
  code: 1,
  call: (key: KeyChain): CallParts<unknown> => ({ keys: toKeysInside(key) }),
  run(core, request) {
    const node = core.tree.find(request.keys);
    return node === undefined ? undefined : closeNode(node);
  },
});

export const hasKey = defineDataCommand({
  name: 'hasKey',
  code: 4,
  call: (key: KeyChain): CallParts<boolean> => ({ keys: toKeysInside(key) }),
  run: (core, request) => (core.tree.find(request.keys) === undefined ? storedFalse : storedTrue),
});

/** Stored values that count as 0, as in the original: null, false, 0 and the empty text. */
const emptyValues = new Set(['null', 'false', '0', '""', '\u0001']);

export const count = defineDataCommand({
  name: 'count',
  code: 7,
  call: (key: KeyChain): CallParts<number> => ({ keys: toKeys(key) }),
  async client(shards, call, key: KeyChain) {
    const made = call(key);
    const [root] = made.keys;
    if (root !== undefined) return shards.of(root).call(made);
    const counts = await Promise.all(shards.all.map((shard) => shard.call(made)));
    return counts.reduce((sum, each) => sum + each, 0);
  },
  run(core, { keys }) {
    if (keys.length === 0) return String(core.tree.root.size);
    const node = core.tree.find(keys);
    if (node === undefined) return '0';
    const branch = core.tree.findBranch(keys);
    if (branch === undefined) return emptyValues.has(closeNode(node)) ? '0' : '1';
    return String(branch.isList ? branch.items.length : (listItems(branch)?.length ?? branch.entries.size));
  },
});
