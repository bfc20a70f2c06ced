import { Buffer } from 'node:buffer';
import type { Callback } from '../callback.js';
import { statisticsOf } from '../core/statistics.js';
import type { ShardStatistics } from '../core/statistics.js';
import type { Call, CallList, CallParts } from './call.js';
import { defineCommand } from './define.js';
import { packCalls } from './transaction.js';

/** Commands for the store itself. */
export interface StoreCommands {
  /** The commands each store runs when this client's link to it closes, however it does. `undefined` takes them back. */
  setLastWill(commands: CallList | undefined): Promise<void>;
  /** One entry per shard, in the order of `status()`. */
  statistics(callback?: Callback<ShardStatistics[]>): Promise<ShardStatistics[]>;
}

/** Replaces the commands that run when this caller ends; no payload takes them back. */
export const setLastWill = defineCommand({
  name: 'setLastWill',
  code: 62,
  call: (calls: readonly Call[]): CallParts<void> => ({
    keys: [],
    payload: calls.length === 0 ? undefined : packCalls(calls),
  }),
  async client(shards, call, commands: CallList | undefined) {
    const calls = commands?.calls() ?? [];
    await Promise.all(
      shards.all.map((shard) => {
        const own = calls.filter(({ keys }) => shards.of(keys[0] ?? '') === shard);
        return own.length > 0 ? shard.retain('lastWill', call(own)) : shard.release('lastWill', call(own));
      }),
    );
  },
  run(_core, request, caller) {
    caller.lastWill = request.payloadStart === request.end ? undefined : Buffer.from(request.payload());
    return undefined;
  },
});

export const statistics = defineCommand({
  name: 'statistics',
  code: 64,
  call: (): CallParts<ShardStatistics> => ({ keys: [] }),
  client: (shards, call) => Promise.all(shards.all.map((shard) => shard.call(call()))),
  run: (core) => JSON.stringify(statisticsOf(core)),
});
