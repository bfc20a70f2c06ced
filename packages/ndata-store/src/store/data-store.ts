import type { CommandList } from '../calls/command-list.js';
import type { KeyChain } from '../key-chain.js';

/** Called with the error, or with `null` and the value. A promise is returned all the same. */
export type Callback<T> = (error: Error | null, value?: T) => void;

export interface ValueOptions {
  /** Answer with the value: what stands there afterwards, or what was removed. @default false */
  readonly getValue?: boolean;
}

export interface SetOptions extends ValueOptions {
  /** Milliseconds until the key expires. Without it, an expiry set before stays as it is. */
  readonly ttlMs?: number;
}

export type RemoveOptions = ValueOptions;

export interface RemoveRangeOptions extends ValueOptions {
  /** The first key that stays. @default the end */
  readonly toIndex?: string | number;
}

export interface SpliceOptions extends ValueOptions {
  /** @default 0 */
  readonly index?: number;
  /** How many items to remove. @default all to the end */
  readonly count?: number;
  /** What to put in their place. */
  readonly items?: readonly unknown[];
}

export interface KeysOptions {
  /** Only keys that begin with this text. */
  readonly startsWith?: string;
  /** Keys per page, at most 10,000. @default 1000 */
  readonly limit?: number;
  /** Where the page before ended. A client keeps 16 unfinished listings; the oldest is given up. */
  readonly cursor?: string | number;
}

export interface KeysPage {
  readonly keys: string[];
  /** Set while there may be more. */
  readonly cursor?: string | number;
}

/**
 * The commands about keys. Values are what JSON can hold, and binary data; results are copies. `getValue` may be
 * given as `true` in place of the options.
 */
export interface DataStore {
  /** Puts a value there, making the levels that lead to it. A value without keys in the way is replaced. */
  set(key: KeyChain, value: unknown, options?: SetOptions | boolean, callback?: Callback<unknown>): Promise<unknown>;
  set(key: KeyChain, value: unknown, callback: Callback<unknown>): Promise<unknown>;
  /** Sets several keys: all of them, or, on one shard, none. */
  setMany(entries: readonly (readonly [KeyChain, unknown])[], callback?: Callback<void>): Promise<void>;
  /** Sets the value if the present one equals `expected`; `undefined` means that there is none. Answers whether it did. */
  compareAndSet(key: KeyChain, expected: unknown, value: unknown, callback?: Callback<boolean>): Promise<boolean>;
  /** Adds to a number; nothing counts as 0. Answers with the sum. */
  increment(key: KeyChain, by?: number, callback?: Callback<number>): Promise<number>;
  increment(key: KeyChain, callback: Callback<number>): Promise<number>;
  /** The value, or `undefined` if there is none. */
  get(key: KeyChain, callback?: Callback<unknown>): Promise<unknown>;
  /** The values of several keys, in their order. */
  getMany(keys: readonly KeyChain[], callback?: Callback<unknown[]>): Promise<unknown[]>;
  /** The whole tree, of all shards. */
  getAll(callback?: Callback<unknown>): Promise<unknown>;
  /**
   * Of an array the items from `from` up to `to`, exclusive; of an object the entries from the key `from` up to the key
   * `to`, exclusive, in the order they were added. A falsy `to` means the end. `undefined` if there is neither.
   */
  getRange(key: KeyChain, from: string | number, to?: string | number, callback?: Callback<unknown>): Promise<unknown>;
  getRange(key: KeyChain, from: string | number, callback: Callback<unknown>): Promise<unknown>;
  hasKey(key: KeyChain, callback?: Callback<boolean>): Promise<boolean>;
  /** Number of entries; 1 for a value without any, 0 for nothing, null, false, 0 and the empty text. */
  count(key: KeyChain, callback?: Callback<number>): Promise<number>;
  /** A page of the keys under the chain; `[]` stands for the root. Order is that of adding. */
  keys(prefix?: KeyChain, options?: KeysOptions, callback?: Callback<KeysPage>): Promise<KeysPage>;
  /** Appends. A value without entries becomes the first of a list; an object gets the next number as key. Answers with the place. */
  add(key: KeyChain, value: unknown, callback?: Callback<number>): Promise<number>;
  /** Appends the items of an array, merges the keys of an object, or appends a value without either. */
  concat(
    key: KeyChain,
    value: unknown,
    options?: ValueOptions | boolean,
    callback?: Callback<unknown>,
  ): Promise<unknown>;
  concat(key: KeyChain, value: unknown, callback: Callback<unknown>): Promise<unknown>;
  /** Removes the key, all beneath it, and their expiries. A list with a hole reads as an object. */
  remove(key: KeyChain, options?: RemoveOptions | boolean, callback?: Callback<unknown>): Promise<unknown>;
  remove(key: KeyChain, callback: Callback<unknown>): Promise<unknown>;
  /** Removes what `getRange` would answer. A list closes the gap. */
  removeRange(
    key: KeyChain,
    from: string | number,
    to?: string | number | RemoveRangeOptions | Callback<unknown>,
    getValue?: boolean | Callback<unknown>,
    callback?: Callback<unknown>,
  ): Promise<unknown>;
  /** Empties every shard. Streams and subscriptions stay. */
  removeAll(callback?: Callback<void>): Promise<void>;
  /** As Array's `splice`; answers with what was removed if `getValue` is set. */
  splice(key: KeyChain, options?: SpliceOptions, callback?: Callback<unknown>): Promise<unknown>;
  /** Removes the last entry. With `getValue` it answers with an array of one, or of none. */
  pop(key: KeyChain, options?: ValueOptions | boolean, callback?: Callback<unknown>): Promise<unknown>;
  pop(key: KeyChain, callback: Callback<unknown>): Promise<unknown>;
  /** Lets the key chains of this array expire after that many seconds, whatever is set there meanwhile. */
  expire(keys: readonly KeyChain[], seconds: number, callback?: Callback<void>): Promise<void>;
  unexpire(keys: readonly KeyChain[], callback?: Callback<void>): Promise<void>;
  /** When the key chain expires, in seconds since 1970, or `undefined`. */
  getExpiry(key: KeyChain, callback?: Callback<number | undefined>): Promise<number | undefined>;
  /**
   * Runs the commands with nothing in between, all or none; answers with their values. All root keys must be on one
   * shard, otherwise it rejects with `InvalidArgumentsError`.
   */
  transaction(commands: CommandList, callback?: Callback<unknown[]>): Promise<unknown[]>;
}
