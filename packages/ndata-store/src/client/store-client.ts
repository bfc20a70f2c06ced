import { InvalidArgumentsError } from 'sc-protocol';
import { decodeNothing, makeCall } from '../calls/call.js';
import type { Call } from '../calls/call.js';
import { packCalls } from '../calls/command-list.js';
import type { CommandList } from '../calls/command-list.js';
import { keyChainId, toKeys, toKeysInside } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import type { Callback } from '../store/data-store.js';
import type {
  ChangeListener,
  InvokeOptions,
  QueryFunction,
  QueryOptions,
  ShardStatistics,
  Store,
} from '../store/store.js';
import { encodeValue } from '../values.js';
import type { Encoded } from '../values.js';
import { answer, attempt } from './arguments.js';
import { ChannelClient } from './channel-client.js';
import type { Shard } from './shard.js';

/** All commands over any number of shards. Its subclasses say which shards those are. */
export class StoreClient extends ChannelClient implements Store {
  watch(key: KeyChain, listener: ChangeListener): Promise<void> {
    return attempt(async () => {
      const keys = toKeysInside(key);
      this.changeListeners.add(keys, listener);
      const call = makeCall('watch', keys, undefined, undefined, decodeNothing);
      await this.shardOf(keys[0] ?? '').retain(`watch ${keyChainId(keys)}`, call);
    });
  }

  unwatch(key: KeyChain, listener?: ChangeListener): Promise<void> {
    return attempt(async () => {
      const keys = toKeysInside(key);
      if (!this.changeListeners.remove(keys, listener)) return;
      const call = makeCall('unwatch', keys, undefined, undefined, decodeNothing);
      await this.shardOf(keys[0] ?? '').release(`watch ${keyChainId(keys)}`, call);
    });
  }

  invoke(
    procedure: string,
    data?: unknown,
    options: InvokeOptions = {},
    callback?: Callback<unknown>,
  ): Promise<unknown> {
    return answer(
      attempt(() =>
        this.#at(options.key ?? procedure).call(makeCall('invoke', [procedure], undefined, orNothing(data))),
      ),
      callback,
    );
  }

  run(query: QueryFunction, options: QueryOptions = {}, callback?: Callback<unknown>): Promise<unknown> {
    return answer(
      attempt(() => {
        if (typeof query !== 'function') throw new InvalidArgumentsError('`run` needs a function');
        const base = toKeys(options.baseKey ?? []);
        const data = options.data ?? query.data ?? {};
        const payload = encodeValue({ source: Function.prototype.toString.call(query), data });
        return this.#at(base).call(makeCall('run', base, undefined, payload));
      }),
      callback,
    );
  }

  query(query: QueryFunction, data?: QueryOptions['data'], callback?: Callback<unknown>): Promise<unknown> {
    return this.run(query, data === undefined ? {} : { data }, callback);
  }

  send(data: unknown, options: InvokeOptions = {}, callback?: Callback<unknown>): Promise<unknown> {
    return answer(
      attempt(() => this.#at(options.key ?? []).call(makeCall('send', [], undefined, encodeValue(data)))),
      callback,
    );
  }

  setLastWill(commands: CommandList | undefined): Promise<void> {
    return attempt(async () => {
      const calls = commands?.calls() ?? [];
      await Promise.all(
        this.shards.map((shard) => {
          const own = calls.filter((call) => this.shardOf(call.keys[0] ?? '') === shard);
          const call = lastWillCall(own);
          return own.length > 0 ? shard.retain('lastWill', call) : shard.release('lastWill', call);
        }),
      );
    });
  }

  statistics(callback?: Callback<ShardStatistics[]>): Promise<ShardStatistics[]> {
    return answer(
      this.everywhere(() => makeCall('statistics', [])),
      callback,
    );
  }

  #at(key: KeyChain): Shard {
    return this.shardOf(toKeys(key)[0] ?? '');
  }
}

function orNothing(data: unknown): Encoded | undefined {
  return data === undefined ? undefined : encodeValue(data);
}

function lastWillCall(calls: readonly Call[]): Call {
  return makeCall('setLastWill', [], undefined, calls.length === 0 ? undefined : packCalls(calls), decodeNothing);
}
