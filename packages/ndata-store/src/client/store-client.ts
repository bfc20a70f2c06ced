import { EventEmitter } from 'eventemitter3';
import { InvalidArgumentsError } from 'sc-protocol';
import { toKeys, toKeysInside } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import type {
  Callback,
  PayloadListener,
  RemoveOptions,
  SetOptions,
  ShardStatus,
  Store,
  StoreEvents,
} from '../store.js';
import { decodeValue, encodeValue } from '../values.js';
import type { Encoded } from '../values.js';
import type { CommandName } from '../wire/codes.js';
import { answer, asBuffer, attempt, lastCallback, nothing, toChannel, wireOptions } from './arguments.js';
import { mergeTrees } from './merge.js';
import { shardOfName } from './rendezvous.js';
import type { ReplyDecoder, Shard, ShardListener } from './shard.js';

const noValue = Symbol('no value');
const noBytes = new Uint8Array(0);

/** The commands over any number of shards. Its subclasses say which shards those are. */
export class StoreClient extends EventEmitter<StoreEvents> implements Store {
  onPayload: PayloadListener | undefined = undefined;
  readonly #shards: readonly Shard[];
  #endedShards = 0;

  constructor(makeShards: (listener: ShardListener) => readonly Shard[]) {
    super();
    this.#shards = makeShards(this.#listen());
  }

  set(
    key: KeyChain,
    value: unknown,
    options?: SetOptions | boolean | Callback<unknown>,
    callback?: Callback<unknown>,
  ): Promise<unknown> {
    return this.#command('set', key, wireOptions(options), value, lastCallback(options, callback));
  }

  get(key: KeyChain, callback?: Callback<unknown>): Promise<unknown> {
    return this.#command('get', key, undefined, noValue, callback);
  }

  getAll(callback?: Callback<unknown>): Promise<unknown> {
    return answer(this.#everywhere('getAll').then(mergeTrees), callback);
  }

  hasKey(key: KeyChain, callback?: Callback<boolean>): Promise<boolean> {
    return this.#command<boolean>('hasKey', key, undefined, noValue, callback);
  }

  remove(
    key: KeyChain,
    options?: RemoveOptions | boolean | Callback<unknown>,
    callback?: Callback<unknown>,
  ): Promise<unknown> {
    return this.#command('remove', key, wireOptions(options), noValue, lastCallback(options, callback));
  }

  removeAll(callback?: Callback<void>): Promise<void> {
    return answer(this.#everywhere('removeAll').then(nothing), callback);
  }

  expire(keys: readonly KeyChain[], seconds: number, callback?: Callback<void>): Promise<void> {
    return answer(this.#forEach('expire', keys, { ttlMs: seconds * 1000 }), callback);
  }

  unexpire(keys: readonly KeyChain[], callback?: Callback<void>): Promise<void> {
    return answer(this.#forEach('unexpire', keys, undefined), callback);
  }

  getExpiry(key: KeyChain, callback?: Callback<number | undefined>): Promise<number | undefined> {
    return this.#command<number | undefined>('getExpiry', key, undefined, noValue, callback);
  }

  subscribe(channel: string, callback?: Callback<void>): Promise<void> {
    return answer(
      attempt(() => this.#shardOf(toChannel(channel)).subscribe(channel)),
      callback,
    );
  }

  unsubscribe(channel: string, callback?: Callback<void>): Promise<void> {
    return answer(
      attempt(() => this.#shardOf(toChannel(channel)).unsubscribe(channel)),
      callback,
    );
  }

  subscriptions(): string[] {
    return this.#shards.flatMap((shard) => shard.subscriptions());
  }

  isSubscribed(channel: string): boolean {
    return this.#shardOf(channel).isSubscribed(channel);
  }

  publish(channel: string, data?: unknown, callback?: Callback<void>): Promise<void> {
    return answer(
      attempt(() => this.#publish(channel, data === undefined ? noBytes : encodeValue(data))),
      callback,
    );
  }

  publishPayload(channel: string, payload: Uint8Array): Promise<void> {
    return attempt(() => this.#publish(channel, payload));
  }

  status(): ShardStatus[] {
    return this.#shards.map((shard) => shard.status());
  }

  async drain(): Promise<void> {
    await Promise.all(this.#shards.map((shard) => shard.drain()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#shards.map((shard) => shard.close()));
  }

  #publish(channel: string, payload: Encoded): Promise<void> {
    const shard = this.#shardOf(toChannel(channel));
    return shard.call('publish', [channel], undefined, payload, nothing) as Promise<void>;
  }

  #command<T>(
    name: CommandName,
    key: KeyChain,
    options: object | undefined,
    value: unknown,
    callback: Callback<T> | undefined,
    decode: ReplyDecoder = decodeValue,
  ): Promise<T> {
    let promise: Promise<unknown>;
    try {
      const keys = toKeysInside(key);
      const payload = value === noValue ? undefined : encodeValue(value);
      promise = this.#shardOf(keys[0] ?? '').call(name, keys, options, payload, decode);
    } catch (error) {
      promise = Promise.reject(error);
    }
    return answer(promise as Promise<T>, callback);
  }

  #everywhere(name: CommandName): Promise<unknown[]> {
    return Promise.all(this.#shards.map((shard) => shard.call(name, [], undefined, undefined, decodeValue)));
  }

  async #forEach(name: CommandName, chains: readonly KeyChain[], options: object | undefined): Promise<void> {
    if (!Array.isArray(chains)) throw new InvalidArgumentsError('`keys` must be an array of key chains');
    const all = chains.map(toKeys);
    await Promise.all(
      all.map((keys) => this.#shardOf(keys[0] ?? '').call(name, keys, options, undefined, decodeValue)),
    );
  }

  #shardOf(name: string): Shard {
    const shard = this.#shards[shardOfName(name, this.#shards.length)];
    if (shard === undefined) throw new InvalidArgumentsError('There is no shard');
    return shard;
  }

  #listen(): ShardListener {
    return {
      ready: (shard) => {
        this.emit('shardReady', shard.name);
        if (this.#shards.every((each) => each.status().state === 'ready')) this.emit('ready');
      },
      lost: (shard, error) => void this.emit('shardLost', shard.name, error),
      ended: (_shard, error) => {
        if (error !== undefined) this.#warn(error);
        if (++this.#endedShards === this.#shards.length) this.emit('close');
      },
      warned: (_shard, error) => this.#warn(error),
      subscribed: (channel) => void this.emit('subscribe', channel),
      subscribeFailed: (error, channel) => void this.emit('subscribeFail', error, channel),
      unsubscribed: (channel) => void this.emit('unsubscribe', channel),
      publication: (channel, payload, offset) => {
        try {
          this.onPayload?.(channel, payload, offset);
          if (this.listenerCount('message') > 0) this.#deliver(channel, payload);
        } catch (error) {
          // A listener's fault is not the link's.
          this.#warn(error as Error);
        }
      },
    };
  }

  #deliver(channel: string, payload: Uint8Array): void {
    let data: unknown;
    try {
      data = decodeValue(asBuffer(payload));
    } catch {
      // What a publisher sends as bytes need not be a value; then it is what it is.
      data = payload;
    }
    this.emit('message', channel, data);
  }

  #warn(error: Error): void {
    // An error that nobody listens to must not vanish.
    if (!this.emit('error', error)) process.emitWarning(error);
  }
}
