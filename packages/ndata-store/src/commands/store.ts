import { Buffer } from 'node:buffer';
import type { Callback } from '../callback.js';
import { InvalidArgumentsError } from 'sc-protocol';
import { mostActive } from '../data/channel-activity.js';
import type { ListedChannel } from '../data/channel-activity.js';
import { statisticsOf } from '../core/statistics.js';
import type { ShardStatistics } from '../core/statistics.js';
import { encodeStored } from '../values.js';
import type { Call, CallList, CallParts } from './call.js';
import { decodeNothing } from './call.js';
import { defineCommand } from './define.js';
import { packCalls } from './transaction.js';

/** Options of `topChannels`. */
export interface TopChannelsOptions {
  /** Only channels whose name begins with this text. */
  readonly startsWith?: string;
  /** Only these channels. */
  readonly channels?: readonly string[];
  /** Channels in the list, at most 1,000. @default 20 */
  readonly limit?: number;
  /** Milliseconds of the measurement, at most 10,000. @default 1000 */
  readonly overMs?: number;
}

/** Commands for the store itself. */
export interface StoreCommands {
  /** Sets the commands that each store runs when this client's link closes for any reason. `undefined` clears them. */
  setLastWill(commands: CallList | undefined): Promise<void>;
  /** Resolves with one entry per shard, in the order of `status()`. */
  statistics(callback?: Callback<ShardStatistics[]>): Promise<ShardStatistics[]>;
  /**
   * Resolves with the channels that have the most publications in a measurement that begins now. Only channels with a
   * subscribed process or a stream are listed. Concurrent callers share a measurement.
   */
  topChannels(options?: TopChannelsOptions, callback?: Callback<ListedChannel[]>): Promise<ListedChannel[]>;
}

/** Replaces the commands that run when this caller ends; an empty payload clears them. */
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

/** Sent by a link after it has resubscribed, before its queued calls. */
export const renewed = defineCommand({
  name: 'renewed',
  code: 66,
  call: (): CallParts<undefined> => ({ keys: [], decode: decodeNothing }),
  run: (core, _request, caller) => core.returning.renewed(caller),
});

export const statistics = defineCommand({
  name: 'statistics',
  code: 64,
  call: (): CallParts<ShardStatistics> => ({ keys: [] }),
  client: (shards, call) => Promise.all(shards.all.map((shard) => shard.call(call()))),
  run: (core) => JSON.stringify(statisticsOf(core)),
});

const topDefaults = { limit: 20, overMs: 1_000 };
const topBounds = { limit: [1, 1_000], overMs: [1, 10_000] } as const;

export const topChannels = defineCommand({
  name: 'topChannels',
  code: 65,
  call: (options: TopChannelsOptions = {}): CallParts<ListedChannel[]> => ({
    keys: [],
    options: { ...options, ...topNumbers(options) },
    isRepeatable: true,
  }),
  async client(shards, call, options: TopChannelsOptions = {}) {
    const made = call(options);
    const lists = await Promise.all(shards.all.map((shard) => shard.call(made)));
    return mostActive(lists.flat(), topNumbers(options).limit);
  },
  async run(core, { options }) {
    const { startsWith, channels } = options;
    const query = {
      ...topNumbers(options),
      startsWith: typeof startsWith === 'string' ? startsWith : '',
      ...(Array.isArray(channels) && { channels: new Set(channels as string[]) }),
    };
    return encodeStored(await core.activity.top(query));
  },
});

/** Checks and completes the options. Throws `InvalidArgumentsError` with the option, the rule and the value. */
function topNumbers(options: Readonly<Record<string, unknown>> | TopChannelsOptions): typeof topDefaults {
  const given = { ...topDefaults, ...options } as Record<keyof typeof topDefaults, unknown>;
  for (const name of ['limit', 'overMs'] as const) {
    const [min, max] = topBounds[name];
    const value = given[name];
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) continue;
    throw new InvalidArgumentsError(
      `\`${name}\` must be a whole number from ${min} to ${max}, got ${JSON.stringify(value)}`,
    );
  }
  return { limit: given.limit as number, overMs: given.overMs as number };
}
