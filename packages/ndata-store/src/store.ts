import type { KeyChain } from './key-chain.js';

/** Called with the error, or with `null` and the value. A promise is returned all the same. */
export type Callback<T> = (error: Error | null, value?: T) => void;

export interface SetOptions {
  /** Answer with the value as it stands afterwards. @default false */
  readonly getValue?: boolean;
  /** Milliseconds until the key expires. Without it, an expiry set before stays as it is. */
  readonly ttlMs?: number;
}

export interface RemoveOptions {
  /** Answer with what was removed. @default false */
  readonly getValue?: boolean;
}

/**
 * Takes a publication: the channel, the payload as it was published, and its offset in the channel's stream, 0 when
 * there is none. Called synchronously, in the shard's order. The payload stays valid and is never changed; a view into
 * a larger buffer keeps that buffer alive, so copy what is kept for long.
 */
export type PayloadListener = (channel: string, payload: Uint8Array, offset: number) => void;

export type ShardState = 'connecting' | 'ready' | 'waiting' | 'closed';

export interface ShardStatus {
  readonly name: string;
  /** `waiting`: the link is lost and the next attempt is scheduled. */
  readonly state: ShardState;
  /** Calls that have no answer yet, those that wait for a link among them. */
  readonly pendingCalls: number;
  readonly subscriptions: number;
  /** Why the link was lost or is not there yet. */
  readonly lastError?: Error;
}

export interface StoreEvents {
  /** All shards can be reached. Comes again after one was lost and is back. */
  ready: () => void;
  /** The store client has ended, by `close()` or because the secret was refused. */
  close: () => void;
  error: (error: Error) => void;
  shardReady: (shard: string) => void;
  /** Its calls in flight failed; the client reconnects and subscribes again by itself. */
  shardLost: (shard: string, error: Error) => void;
  /** The shard has the subscription, for the first time or again after its link was lost. */
  subscribe: (channel: string) => void;
  subscribeFail: (error: Error, channel: string) => void;
  unsubscribe: (channel: string) => void;
  /** A publication with its payload decoded. Listen to this or set `onPayload`. */
  message: (channel: string, data: unknown) => void;
}

/**
 * The commands of a store: in this process, behind one link, or spread over shards. Every command returns a promise
 * and takes a callback as its last argument. Values are what JSON can hold, and binary data; results are copies.
 * Commands of one client to one shard run in the order they were given.
 */
export interface Store {
  /** Takes every publication of the channels subscribed to. One function; the owner sets it. */
  onPayload: PayloadListener | undefined;

  /** Puts a value there, making the levels that lead to it. A value without keys in the way is replaced. */
  set(key: KeyChain, value: unknown, options?: SetOptions | boolean, callback?: Callback<unknown>): Promise<unknown>;
  set(key: KeyChain, value: unknown, callback: Callback<unknown>): Promise<unknown>;
  /** The value, or `undefined` if there is none. */
  get(key: KeyChain, callback?: Callback<unknown>): Promise<unknown>;
  /** The whole tree, of all shards. */
  getAll(callback?: Callback<unknown>): Promise<unknown>;
  hasKey(key: KeyChain, callback?: Callback<boolean>): Promise<boolean>;
  /** Removes the key, all beneath it, and their expiries. */
  remove(key: KeyChain, options?: RemoveOptions | boolean, callback?: Callback<unknown>): Promise<unknown>;
  remove(key: KeyChain, callback: Callback<unknown>): Promise<unknown>;
  /** Empties every shard. Streams and subscriptions stay. */
  removeAll(callback?: Callback<void>): Promise<void>;
  /** Lets the key chains of this array expire after that many seconds, whatever is set there meanwhile. */
  expire(keys: readonly KeyChain[], seconds: number, callback?: Callback<void>): Promise<void>;
  unexpire(keys: readonly KeyChain[], callback?: Callback<void>): Promise<void>;
  /** When the key chain expires, in seconds since 1970, or `undefined`. */
  getExpiry(key: KeyChain, callback?: Callback<number | undefined>): Promise<number | undefined>;

  /** Resolves when the shard has the subscription. It is renewed whenever the link was lost. */
  subscribe(channel: string, callback?: Callback<void>): Promise<void>;
  unsubscribe(channel: string, callback?: Callback<void>): Promise<void>;
  subscriptions(): string[];
  /** Whether the shard has confirmed the subscription on the present link. */
  isSubscribed(channel: string): boolean;
  /** Resolves when the shard has handed the publication to every subscribed link. */
  publish(channel: string, data?: unknown, callback?: Callback<void>): Promise<void>;
  /** As `publish`, with a payload that no store looks into. No bytes mean no data. */
  publishPayload(channel: string, payload: Uint8Array): Promise<void>;

  /** One entry per shard, in the order they were given. */
  status(): ShardStatus[];
  /** Takes no more calls, waits for the answers of those in flight, and closes. */
  drain(): Promise<void>;
  /** Ends the client. Calls in flight fail. */
  close(): Promise<void>;
}
