import { requestOf, valueOf } from '../commands/call.js';
import type { Call } from '../commands/call.js';
import { keyCommands } from '../commands/table.js';
import type { KeysOptions, KeysPage } from '../commands/tree.js';
import { NoCaller } from '../core/caller.js';
import type { ReadyReply } from '../core/command.js';
import type { StoreCore } from '../core/store-core.js';
import { toKeys } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';

const { getAll, removeAll, expire, unexpire, count, keys, ...onKey } = keyCommands;

type OnKey = typeof onKey;
type Answer<Command extends { readonly call: (...args: never[]) => Call }> =
  ReturnType<Command['call']> extends Call<infer Result> ? Result : never;
type KeyMethods = {
  [Name in keyof OnKey]: (...args: Parameters<OnKey[Name]['call']>) => Answer<OnKey[Name]>;
};

/**
 * Synchronous access to the store's keys from inside its process, with the commands of a client. Results are copies.
 * Created by the store.
 */
export interface DataMap extends KeyMethods {
  /** Like `count` of a store. */
  count(key?: KeyChain): number;
  /** Like `keys` of a store. */
  keys(prefix?: KeyChain, options?: KeysOptions): KeysPage;
  /** Like `getAll` of a store. */
  getAll(): unknown;
  /** Like `removeAll` of a store. */
  removeAll(): void;
  /** Like `expire` of a store. */
  expire(keys: readonly KeyChain[], seconds: number): void;
  /** Like `unexpire` of a store. */
  unexpire(keys: readonly KeyChain[]): void;
}

/** Creates a data map of the keys beneath `base`. Its key chains are relative to `base`. */
export function createDataMap(core: StoreCore, base: readonly string[] = []): DataMap {
  const self = new NoCaller();
  const at = (key: KeyChain): KeyChain => (base.length === 0 ? key : [...base, ...toKeys(key)]);
  const run = <Result>(call: Call<Result>): Result => {
    const command = core.commands.byCode[call.code];
    if (command === undefined) throw new TypeError(`The store has no command "${call.name}"`);
    // Commands on keys reply synchronously.
    return valueOf(call, core.execute(command, requestOf(call), self) as ReadyReply);
  };
  const methods = Object.entries<{ readonly call: (key: KeyChain, ...rest: never[]) => Call }>(onKey).map(
    ([name, { call }]) => [name, (key: KeyChain, ...rest: never[]) => run(call(at(key), ...rest))] as const,
  );
  return {
    // The table contains every command of the type.
    ...(Object.fromEntries(methods) as unknown as KeyMethods),
    count: (key = []) => run(count.call(at(key))),
    keys: (prefix = [], options = {}) => run(keys.call(at(prefix), options)),
    getAll: () => run(base.length === 0 ? getAll.call() : onKey.get.call(base)),
    removeAll: () => void run(base.length === 0 ? removeAll.call() : onKey.remove.call(base)),
    expire: (chains, seconds) => chains.forEach((key) => run(expire.call(at(key), seconds))),
    unexpire: (chains) => chains.forEach((key) => run(unexpire.call(at(key)))),
  };
}
