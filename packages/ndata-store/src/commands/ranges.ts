import type { Callback } from '../callback.js';
import { entriesToJson, indexOfKey, itemsToJson, listItems } from '../data/tree-node.js';
import type { TreeNode } from '../data/tree-node.js';
import { toKeysInside } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import type { CommandRequest } from '../wire/request.js';
import type { CallParts } from './call.js';
import { requireKeys } from './checks.js';
import { defineDataCommand } from './define.js';
import type { ValueOptions } from './value-options.js';

/** Options of `removeRange`. */
export interface RemoveRangeOptions extends ValueOptions {
  /** End of the range, exclusive. @default the end */
  readonly toIndex?: string | number;
}

/** Commands for ranges of keys. */
export interface RangeCommands {
  /**
   * Resolves with the items of an array from `from` up to `to`, exclusive; or the entries of an object from the key
   * `from` up to the key `to`, exclusive, in insertion order. A falsy `to` means the end. `undefined` for any other
   * value.
   */
  getRange(key: KeyChain, from: string | number, callback: Callback<unknown>): Promise<unknown>;
  /** Resolves with the entries from `from` up to, but not including, `to`. */
  getRange(key: KeyChain, from: string | number, to?: string | number, callback?: Callback<unknown>): Promise<unknown>;
  /** Removes the range that `getRange` returns. The later items of a list move up. */
  removeRange(
    key: KeyChain,
    from: string | number,
    to?: string | number | RemoveRangeOptions | Callback<unknown>,
    getValue?: boolean | Callback<unknown>,
    callback?: Callback<unknown>,
  ): Promise<unknown>;
}

export const getRange = defineDataCommand({
  name: 'getRange',
  code: 8,
  required: 2,
  call: (key: KeyChain, from: string | number, to?: string | number): CallParts<unknown> => ({
    keys: toKeysInside(key),
    options: { from, to },
  }),
  run(core, request) {
    requireKeys(request);
    const branch = core.tree.findBranch(request.keys);
    if (branch === undefined) return undefined;
    const items = listItems(branch);
    if (items !== undefined) return itemsToJson(items.slice(...listRange(request, items.length)));
    return entriesToJson(branch.isList ? [] : mapRange(request, branch.entries));
  },
});

export const removeRange = defineDataCommand({
  name: 'removeRange',
  code: 9,
  writes: true,
  required: 2,
  call(
    key: KeyChain,
    from: string | number,
    to?: string | number | RemoveRangeOptions | null,
    getValue?: boolean,
  ): CallParts<unknown> {
    const options =
      typeof to === 'object' && to !== null ? { from, to: to.toIndex, getValue: to.getValue } : { from, to, getValue };
    return { keys: toKeysInside(key), options };
  },
  run(core, request) {
    requireKeys(request);
    const { tree, expiry } = core;
    const { keys } = request;
    const wantsValue = request.options['getValue'] === true;
    const list = tree.findList(keys);
    if (list !== undefined) {
      const [from, to] = listRange(request, list.items.length);
      const removed = tree.splice(keys, list, from, to - from, []);
      return wantsValue ? itemsToJson(removed) : undefined;
    }
    const branch = tree.findBranch(keys);
    if (branch === undefined || branch.isList) return undefined;
    const range = mapRange(request, branch.entries);
    tree.removeEntries(
      keys,
      branch,
      range.map(([key]) => key),
    );
    if (expiry.size > 0) for (const [key] of range) expiry.removeBeneath([...keys, key]);
    return wantsValue ? entriesToJson(range) : undefined;
  },
});

/** Resolves `from` and `to` to indexes of a list. A falsy `to` means the end. */
function listRange(request: CommandRequest, length: number): [from: number, to: number] {
  const { from, to } = request.options;
  const start = Math.min(toPlace(from, 0), length);
  const end = isOpen(to) ? length : Math.min(toPlace(to, length), length);
  return [start, Math.max(start, end)];
}

/** The entries of a map from the key `from` up to the key `to`, in insertion order. */
function mapRange(request: CommandRequest, entries: ReadonlyMap<string, TreeNode>): [string, TreeNode][] {
  const from = toText(request.options['from']);
  const to = isOpen(request.options['to']) ? undefined : toText(request.options['to']);
  const range: [string, TreeNode][] = [];
  // Skip the scan if `from` does not exist.
  if (!entries.has(from)) return range;
  let isInside = false;
  for (const entry of entries) {
    if (entry[0] === to) break;
    isInside ||= entry[0] === from;
    if (isInside) range.push(entry);
  }
  return range;
}

function isOpen(to: unknown): boolean {
  return to === undefined || to === null || to === 0 || to === '' || to === false;
}

function toPlace(value: unknown, otherwise: number): number {
  const place = indexOfKey(toText(value));
  return place < 0 ? otherwise : place;
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
