import { InvalidArgumentsError, StoreError } from 'sc-protocol';
import type { Callback } from '../callback.js';
import { entriesToJson } from '../data/tree-node.js';
import type { Branch } from '../data/tree-node.js';
import { toKeys } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import { encodeStored } from '../values.js';
import type { CallParts } from './call.js';
import { defineDataCommand } from './define.js';

/** Options of `keys`. */
export interface KeysOptions {
  /** Only keys that begin with this text. */
  readonly startsWith?: string;
  /** Keys per page, at most 10,000. @default 1000 */
  readonly limit?: number;
  /**
   * Cursor of the previous page. The store keeps 16 unfinished listings per client and drops the oldest beyond that.
   */
  readonly cursor?: string | number;
}

/** A page of keys. */
export interface KeysPage {
  /** Keys of the page. May be fewer than the limit, or empty, even if more keys follow. */
  readonly keys: string[];
  /** Set while more keys may follow. */
  readonly cursor?: string | number;
}

/** Commands for the whole tree. */
export interface TreeCommands {
  /** Resolves with the whole tree of all shards. */
  getAll(callback?: Callback<unknown>): Promise<unknown>;
  /** Empties every shard. Streams and subscriptions stay. */
  removeAll(callback?: Callback<void>): Promise<void>;
  /** Resolves with a page of the keys under the chain, in insertion order; `[]` means the root. */
  keys(prefix?: KeyChain, options?: KeysOptions, callback?: Callback<KeysPage>): Promise<KeysPage>;
}

export const getAll = defineDataCommand({
  name: 'getAll',
  code: 5,
  call: (): CallParts<unknown> => ({ keys: [] }),
  async client(shards, call) {
    const made = call();
    return mergeTrees(await Promise.all(shards.all.map((shard) => shard.call(made))));
  },
  run: (core) => entriesToJson(core.tree.root),
});

/** Merges the trees of all shards. Shards share no root key. */
function mergeTrees(trees: readonly unknown[]): unknown {
  if (trees.length === 1) return trees[0];
  const merged: Record<string, unknown> = {};
  for (const tree of trees) {
    for (const [key, value] of Object.entries(tree as object)) {
      // Define instead of assign: assigning the key `__proto__` would set the prototype.
      Object.defineProperty(merged, key, { value, enumerable: true, configurable: true, writable: true });
    }
  }
  return merged;
}

export const removeAll = defineDataCommand({
  name: 'removeAll',
  code: 6,
  writes: true,
  call: (): CallParts<void> => ({ keys: [] }),
  async client(shards, call) {
    const made = call();
    await Promise.all(shards.all.map((shard) => shard.call(made)));
  },
  run(core) {
    core.tree.clear();
    core.expiry.clear();
    return undefined;
  },
});

const defaultLimit = 1000;
const maxLimit = 10_000;
/** Maximum number of keys scanned per page, regardless of how many match the prefix. */
const maxLookedAt = 20_000;
/** Maximum number of unfinished listings per client; beyond it the oldest is dropped. */
const maxCursors = 16;

export const keys = defineDataCommand({
  name: 'keys',
  code: 19,
  required: 1,
  call: (prefix: KeyChain, options: KeysOptions): CallParts<KeysPage> => ({ keys: toKeys(prefix), options }),
  /** Root keys are spread over the shards, so the shards are listed one after the other. */
  async client(shards, call, prefix: KeyChain = [], options?: KeysOptions | null) {
    const { cursor, ...rest } = options ?? {};
    const made = call(prefix, options ?? {});
    const [root] = made.keys;
    if (root !== undefined) return shards.of(root).call(made);
    const [index, shardCursor] = parseCursor(cursor);
    const shard = shards.all[index];
    if (shard === undefined) throw new InvalidArgumentsError('This cursor is not one of `keys`');
    const page = await shard.call(call([], shardCursor === undefined ? rest : { ...rest, cursor: shardCursor }));
    if (page.cursor !== undefined) return { keys: page.keys, cursor: `${index}:${page.cursor}` };
    return index + 1 < shards.all.length ? { keys: page.keys, cursor: `${index + 1}:` } : { keys: page.keys };
  },
  /** Replies with a page of keys, and a cursor while more keys may follow. */
  run(core, request, caller) {
    const { options } = request;
    const startsWith = typeof options['startsWith'] === 'string' ? options['startsWith'] : '';
    const limit = options['limit'] === undefined ? defaultLimit : Number(options['limit']);
    if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
      throw new InvalidArgumentsError(`\`limit\` must be a whole number between 1 and ${maxLimit}, got ${limit}`);
    }
    let cursor = options['cursor'];
    let iterator: Iterator<string | number> | undefined;
    if (cursor === undefined) {
      cursor = caller.cursors.next++;
      iterator = request.keys.length === 0 ? core.tree.root.keys() : keysOf(core.tree.findBranch(request.keys));
    } else {
      iterator = caller.cursors.open.get(cursor as number);
      if (iterator === undefined)
        throw new StoreError('Cursor expired: the listing has ended or newer ones replaced it');
    }
    const found: string[] = [];
    caller.cursors.open.delete(cursor as number);
    // Limit the scan even if few keys match: scanning all of a large map would block every other command.
    for (let looked = 0; found.length < limit && looked < maxLookedAt; looked++) {
      const next = iterator.next();
      if (next.done === true) return encodeStored({ keys: found });
      const key = String(next.value);
      if (key.startsWith(startsWith)) found.push(key);
    }
    caller.cursors.open.set(cursor as number, iterator);
    if (caller.cursors.open.size > maxCursors) {
      const [oldest] = caller.cursors.open.keys();
      if (oldest !== undefined) caller.cursors.open.delete(oldest);
    }
    return encodeStored({ keys: found, cursor });
  },
});

/** Splits a client cursor into the index of the shard and the shard's own cursor, if any. */
function parseCursor(cursor: string | number | undefined): [shard: number, cursor: number | undefined] {
  if (cursor === undefined) return [0, undefined];
  const match = /^(\d+):(\d*)$/.exec(String(cursor));
  if (match === null) throw new InvalidArgumentsError('This cursor is not one of `keys`');
  return [Number(match[1]), match[2] === '' ? undefined : Number(match[2])];
}

function keysOf(branch: Branch | undefined): Iterator<string | number> {
  if (branch === undefined) return [].values();
  return branch.isList ? branch.items.keys() : branch.entries.keys();
}
