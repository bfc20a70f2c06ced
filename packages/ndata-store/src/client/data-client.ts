import { InvalidArgumentsError } from 'sc-protocol';
import { decodeNothing, makeCall } from '../calls/call.js';
import { decodeReplies, packCalls } from '../calls/command-list.js';
import type { CommandList } from '../calls/command-list.js';
import { dataCalls } from '../calls/data-calls.js';
import type { KeyChain } from '../key-chain.js';
import type {
  Callback,
  DataStore,
  KeysOptions,
  KeysPage,
  RemoveOptions,
  RemoveRangeOptions,
  SetOptions,
  SpliceOptions,
  ValueOptions,
} from '../store/data-store.js';
import type { Call } from '../calls/call.js';
import { answer, attempt, callbackOf, nothing, valueOr } from './arguments.js';
import { listKeys } from './cluster/list-keys.js';
import { mergeTrees } from './cluster/merge.js';
import type { Shard } from './shard.js';
import { StoreBase } from './store-base.js';

/** The commands about keys, over any number of shards. */
export class DataClient extends StoreBase implements DataStore {
  set(
    key: KeyChain,
    value: unknown,
    options?: SetOptions | boolean | Callback<unknown>,
    callback?: Callback<unknown>,
  ): Promise<unknown> {
    return answer(
      this.issue(() => dataCalls.set(key, value, valueOr(options))),
      callbackOf(options, callback),
    );
  }

  get(key: KeyChain, callback?: Callback<unknown>): Promise<unknown> {
    return answer(
      this.issue(() => dataCalls.get(key)),
      callback,
    );
  }

  getAll(callback?: Callback<unknown>): Promise<unknown> {
    return answer(this.everywhere(dataCalls.getAll).then(mergeTrees), callback);
  }

  getRange(
    key: KeyChain,
    from: string | number,
    to?: string | number | Callback<unknown>,
    callback?: Callback<unknown>,
  ): Promise<unknown> {
    return answer(
      this.issue(() => dataCalls.getRange(key, from, valueOr(to))),
      callbackOf(to, callback),
    );
  }

  hasKey(key: KeyChain, callback?: Callback<boolean>): Promise<boolean> {
    return answer(
      this.issue(() => dataCalls.hasKey(key)),
      callback,
    );
  }

  count(key: KeyChain, callback?: Callback<number>): Promise<number> {
    const isRoot = Array.isArray(key) && key.length === 0;
    const counted = isRoot
      ? this.everywhere(() => dataCalls.count([])).then((counts) => (counts as number[]).reduce((a, b) => a + b, 0))
      : this.issue(() => dataCalls.count(key));
    return answer(counted, callback);
  }

  keys(
    prefix: KeyChain = [],
    options?: KeysOptions | Callback<KeysPage>,
    callback?: Callback<KeysPage>,
  ): Promise<KeysPage> {
    return answer(
      attempt(() => listKeys(this.shards, (name) => this.shardOf(name), prefix, valueOr(options) ?? {})),
      callbackOf(options, callback),
    );
  }

  add(key: KeyChain, value: unknown, callback?: Callback<number>): Promise<number> {
    return answer(
      this.issue(() => dataCalls.add(key, value)),
      callback,
    );
  }

  concat(
    key: KeyChain,
    value: unknown,
    options?: ValueOptions | boolean | Callback<unknown>,
    callback?: Callback<unknown>,
  ): Promise<unknown> {
    return answer(
      this.issue(() => dataCalls.concat(key, value, valueOr(options))),
      callbackOf(options, callback),
    );
  }

  remove(
    key: KeyChain,
    options?: RemoveOptions | boolean | Callback<unknown>,
    callback?: Callback<unknown>,
  ): Promise<unknown> {
    return answer(
      this.issue(() => dataCalls.remove(key, valueOr(options))),
      callbackOf(options, callback),
    );
  }

  removeRange(
    key: KeyChain,
    from: string | number,
    to?: string | number | RemoveRangeOptions | Callback<unknown>,
    getValue?: boolean | Callback<unknown>,
    callback?: Callback<unknown>,
  ): Promise<unknown> {
    return answer(
      this.issue(() => dataCalls.removeRange(key, from, valueOr(to), valueOr(getValue))),
      callbackOf(to, getValue, callback),
    );
  }

  removeAll(callback?: Callback<void>): Promise<void> {
    return answer(this.everywhere(dataCalls.removeAll).then(nothing), callback);
  }

  splice(key: KeyChain, options?: SpliceOptions | Callback<unknown>, callback?: Callback<unknown>): Promise<unknown> {
    return answer(
      this.issue(() => dataCalls.splice(key, valueOr(options))),
      callbackOf(options, callback),
    );
  }

  pop(
    key: KeyChain,
    options?: ValueOptions | boolean | Callback<unknown>,
    callback?: Callback<unknown>,
  ): Promise<unknown> {
    return answer(
      this.issue(() => dataCalls.pop(key, valueOr(options))),
      callbackOf(options, callback),
    );
  }

  increment(key: KeyChain, by?: number | Callback<number>, callback?: Callback<number>): Promise<number> {
    return answer(
      this.issue(() => dataCalls.increment(key, valueOr(by))),
      callbackOf(by, callback),
    );
  }

  compareAndSet(key: KeyChain, expected: unknown, value: unknown, callback?: Callback<boolean>): Promise<boolean> {
    return answer(
      this.issue(() => dataCalls.compareAndSet(key, expected, value)),
      callback,
    );
  }

  expire(keys: readonly KeyChain[], seconds: number, callback?: Callback<void>): Promise<void> {
    return answer(this.#forEach(keys, (key) => dataCalls.expire(key, seconds)).then(nothing), callback);
  }

  unexpire(keys: readonly KeyChain[], callback?: Callback<void>): Promise<void> {
    return answer(this.#forEach(keys, dataCalls.unexpire).then(nothing), callback);
  }

  getExpiry(key: KeyChain, callback?: Callback<number | undefined>): Promise<number | undefined> {
    return answer(
      this.issue(() => dataCalls.getExpiry(key)),
      callback,
    );
  }

  getMany(keys: readonly KeyChain[], callback?: Callback<unknown[]>): Promise<unknown[]> {
    return answer(this.#forEach(keys, dataCalls.get), callback);
  }

  setMany(entries: readonly (readonly [KeyChain, unknown])[], callback?: Callback<void>): Promise<void> {
    return answer(this.#forEach(entries, ([key, value]) => dataCalls.set(key, value)).then(nothing), callback);
  }

  transaction(commands: CommandList, callback?: Callback<unknown[]>): Promise<unknown[]> {
    return answer(
      attempt(() => {
        const calls = commands.calls();
        const shards = new Set(calls.map((call) => this.shardOf(call.keys[0] ?? '')));
        const [shard] = shards;
        if (shard === undefined) return Promise.resolve([]);
        if (shards.size > 1) throw new InvalidArgumentsError('The root keys of a transaction must be on one shard');
        return transact(shard, calls);
      }),
      callback,
    );
  }

  /** One transaction per shard; the values in the order of what they belong to. */
  #forEach<T>(inputs: readonly T[], make: (input: T) => Call): Promise<unknown[]> {
    return attempt(async () => {
      if (!Array.isArray(inputs)) throw new InvalidArgumentsError('This command needs an array');
      const groups = new Map<Shard, { call: Call; index: number }[]>();
      inputs.forEach((input: T, index) => {
        const call = make(input);
        const shard = this.shardOf(call.keys[0] ?? '');
        const group = groups.get(shard);
        if (group === undefined) groups.set(shard, [{ call, index }]);
        else group.push({ call, index });
      });
      const values = new Array<unknown>(inputs.length);
      await Promise.all(
        [...groups].map(async ([shard, group]) => {
          const answers = await transact(
            shard,
            group.map(({ call }) => call),
          );
          group.forEach(({ index }, i) => (values[index] = answers[i]));
        }),
      );
      return values;
    });
  }
}

/** Runs the commands on one shard, all or none. */
function transact(shard: Shard, calls: readonly Call[]): Promise<unknown[]> {
  const decode = calls.length === 0 ? decodeNothing : decodeReplies(calls);
  return shard.call(makeCall('transaction', [], undefined, packCalls(calls), decode)) as Promise<unknown[]>;
}
