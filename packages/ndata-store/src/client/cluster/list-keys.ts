import { InvalidArgumentsError } from 'sc-protocol';
import { dataCalls } from '../../calls/data-calls.js';
import type { KeyChain } from '../../key-chain.js';
import type { KeysOptions, KeysPage } from '../../store/data-store.js';
import type { Shard } from '../shard.js';

/** Lists keys. Those of the root are spread over the shards, which are gone through one after the other. */
export async function listKeys(
  shards: readonly Shard[],
  shardOf: (name: string) => Shard,
  prefix: KeyChain,
  options: KeysOptions,
): Promise<KeysPage> {
  const isRoot = Array.isArray(prefix) && prefix.length === 0;
  if (!isRoot) {
    const call = dataCalls.keys(prefix, options);
    return (await shardOf(call.keys[0] ?? '').call(call)) as KeysPage;
  }
  const { cursor, ...rest } = options;
  const [index, shardCursor] = parseCursor(cursor);
  const shard = shards[index];
  if (shard === undefined) throw new InvalidArgumentsError('This cursor is not one of `keys`');
  const call = dataCalls.keys([], shardCursor === undefined ? rest : { ...rest, cursor: shardCursor });
  const page = (await shard.call(call)) as KeysPage;
  if (page.cursor !== undefined) return { keys: page.keys, cursor: `${index}:${page.cursor}` };
  return index + 1 < shards.length ? { keys: page.keys, cursor: `${index + 1}:` } : { keys: page.keys };
}

/** The shard to ask, and its own cursor, if it has given one. */
function parseCursor(cursor: string | number | undefined): [shard: number, cursor: number | undefined] {
  if (cursor === undefined) return [0, undefined];
  const match = /^(\d+):(\d*)$/.exec(String(cursor));
  if (match === null) throw new InvalidArgumentsError('This cursor is not one of `keys`');
  return [Number(match[1]), match[2] === '' ? undefined : Number(match[2])];
}
