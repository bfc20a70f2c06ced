import { InvalidArgumentsError, StoreError } from 'sc-protocol';
import type { Callback } from '../callback.js';
import { addNode } from '../data/add-node.js';
import { ListBranch, closeNode, itemsToJson, openNode } from '../data/tree-node.js';
import type { TreeNode } from '../data/tree-node.js';
import type { Tree } from '../data/tree.js';
import { toKeysInside } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import { encodeValue } from '../values.js';
import type { CommandRequest } from '../wire/request.js';
import type { CallParts } from './call.js';
import { requireKeys, requireValueBytes } from './checks.js';
import { defineDataCommand } from './define.js';
import { valueOptions } from './value-options.js';
import type { ValueOptions } from './value-options.js';

/** Options of `splice`. */
export interface SpliceOptions extends ValueOptions {
  /** Index of the first item. @default 0 */
  readonly index?: number;
  /** Number of items to remove. @default all to the end */
  readonly count?: number;
  /** Items to insert in their place. */
  readonly items?: readonly unknown[];
}

/** Commands for lists. */
export interface ListCommands {
  /**
   * Appends a value. A scalar at the key becomes the first item of a new list; in an object, the value gets the next
   * number as key. Resolves with the index or number.
   */
  add(key: KeyChain, value: unknown, callback?: Callback<number>): Promise<number>;
  /** Appends the items of an array, merges the keys of an object, or appends a value without either. */
  concat(key: KeyChain, value: unknown, callback: Callback<unknown>): Promise<unknown>;
  /** Appends items, or merges keys. Resolves with the resulting value if `getValue` is set. */
  concat(
    key: KeyChain,
    value: unknown,
    options?: ValueOptions | boolean,
    callback?: Callback<unknown>,
  ): Promise<unknown>;
  /** Like `Array.prototype.splice`. Resolves with the removed items if `getValue` is set. */
  splice(key: KeyChain, callback: Callback<unknown>): Promise<unknown>;
  /** Removes and inserts items of a list. Resolves with the removed items if `getValue` is set. */
  splice(key: KeyChain, options?: SpliceOptions, callback?: Callback<unknown>): Promise<unknown>;
  /** Removes the last entry. */
  pop(key: KeyChain, callback: Callback<unknown>): Promise<unknown>;
  /** Removes the last entry. Resolves with an array of that entry, or an empty array, if `getValue` is set. */
  pop(key: KeyChain, options?: ValueOptions | boolean, callback?: Callback<unknown>): Promise<unknown>;
}

export const add = defineDataCommand({
  name: 'add',
  code: 10,
  writes: true,
  call: (key: KeyChain, value: unknown): CallParts<number> => ({
    keys: toKeysInside(key),
    payload: encodeValue(value),
  }),
  run(core, request) {
    requireKeys(request);
    requireValueBytes(core, request);
    return String(addNode(core.tree, request.keys, request.stored()));
  },
});

export const concat = defineDataCommand({
  name: 'concat',
  code: 11,
  writes: true,
  required: 2,
  call: (key: KeyChain, value: unknown, options?: ValueOptions | boolean): CallParts<unknown> => ({
    keys: toKeysInside(key),
    options: valueOptions(options),
    payload: encodeValue(value),
  }),
  /** Adds the items of an array, the keys of an object, or any other value itself. */
  run(core, request) {
    requireKeys(request);
    requireValueBytes(core, request);
    const { tree } = core;
    const { keys } = request;
    const value = request.stored();
    const addition = openNode(value);
    const target = tree.find(keys);
    const items = addition?.isList === true ? addition.items : [value as TreeNode];
    if (target === undefined) {
      tree.set(keys, value);
    } else if (tree.findBranch(keys) === undefined) {
      tree.set(keys, new ListBranch([target, ...items]));
    } else if (addition === undefined || addition.isList) {
      const list = tree.findList(keys);
      if (list !== undefined) tree.append(keys, list, items);
      else for (const item of items) addNode(tree, keys, item);
    } else {
      for (const [key, item] of addition.entries) tree.set([...keys, key], item);
    }
    return request.options['getValue'] === true ? closeNode(tree.find(keys) ?? value) : undefined;
  },
});

export const splice = defineDataCommand({
  name: 'splice',
  code: 12,
  writes: true,
  required: 1,
  call(key: KeyChain, options?: SpliceOptions): CallParts<unknown> {
    const { index, count, items, getValue } = options ?? {};
    const payload = items === undefined ? undefined : encodeValue([...items]);
    return { keys: toKeysInside(key), options: { index, count, getValue }, payload };
  },
  /** Without a count, removes all items to the end. Creates the list if the key does not exist. */
  run(core, request) {
    requireKeys(request);
    const { tree } = core;
    const { keys, options } = request;
    const items = itemsOf(request);
    let removed: TreeNode[] = [];
    const list = tree.findList(keys);
    if (list !== undefined) {
      const index = toInteger('index', options['index']) ?? 0;
      const count = toInteger('count', options['count']) ?? list.items.length;
      removed = tree.splice(keys, list, index, count, items);
    } else if (tree.find(keys) !== undefined) {
      throw new StoreError('Only a list can be spliced');
    } else if (items.length > 0) {
      tree.set(keys, new ListBranch(items));
    }
    return options['getValue'] === true ? itemsToJson(removed) : undefined;
  },
});

function itemsOf(request: CommandRequest): TreeNode[] {
  if (request.payloadStart === request.end) return [];
  const items = openNode(request.stored());
  if (items?.isList === true) return items.items;
  throw new InvalidArgumentsError('`items` must be an array');
}

function toInteger(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new InvalidArgumentsError(`\`${name}\` must be a whole number, got ${JSON.stringify(value)}`);
}

export const pop = defineDataCommand({
  name: 'pop',
  code: 13,
  writes: true,
  required: 1,
  call: (key: KeyChain, options?: ValueOptions | boolean): CallParts<unknown> => ({
    keys: toKeysInside(key),
    options: valueOptions(options),
  }),
  /** Removes the last item of a list, or the entry of a map that was added last. */
  run(core, request) {
    requireKeys(request);
    const removed = takeLast(core.tree, request.keys);
    return request.options['getValue'] === true ? itemsToJson(removed) : undefined;
  },
});

function takeLast(tree: Tree, keys: readonly string[]): TreeNode[] {
  const list = tree.findList(keys);
  if (list !== undefined) return list.items.length === 0 ? [] : tree.splice(keys, list, list.items.length - 1, 1, []);
  const branch = tree.findBranch(keys);
  if (branch === undefined || branch.isList) return [];
  const last = [...branch.entries.keys()].at(-1);
  const node = last === undefined ? undefined : tree.remove([...keys, last]);
  return node === undefined ? [] : [node];
}
