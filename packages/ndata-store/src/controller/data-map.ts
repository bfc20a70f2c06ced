import { StoreError } from 'sc-protocol';
import type { Call } from '../calls/call.js';
import { dataCalls } from '../calls/data-calls.js';
import { requestOf, valueOf } from '../calls/run-call.js';
import type { ReadyReply } from '../commands/command.js';
import { toKeys } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import type {
  KeysPage,
  RemoveOptions,
  RemoveRangeOptions,
  SetOptions,
  SpliceOptions,
  ValueOptions,
} from '../store/data-store.js';
import { commandCodes } from '../wire/codes.js';
import { NoCaller } from '../core/caller.js';
import type { StoreCore } from '../core/store-core.js';

/** The store's keys from inside its process: the commands of a client, answered on the spot. Results are copies. */
export class DataMap {
  readonly #core: StoreCore;
  readonly #base: readonly string[];
  readonly #caller = new NoCaller();

  /** Made by the store. Every key chain is taken from `base` on. */
  constructor(core: StoreCore, base: readonly string[] = []) {
    this.#core = core;
    this.#base = base;
  }

  get(key: KeyChain): unknown {
    return this.#run(dataCalls.get(this.#at(key)));
  }
  hasKey(key: KeyChain): boolean {
    return this.#run(dataCalls.hasKey(this.#at(key))) as boolean;
  }
  count(key: KeyChain = []): number {
    return this.#run(dataCalls.count(this.#at(key))) as number;
  }
  keys(prefix: KeyChain = []): KeysPage {
    return this.#run(dataCalls.keys(this.#at(prefix))) as KeysPage;
  }
  getRange(key: KeyChain, from: string | number, to?: string | number): unknown {
    return this.#run(dataCalls.getRange(this.#at(key), from, to));
  }
  getAll(): unknown {
    return this.#run(this.#base.length === 0 ? dataCalls.getAll() : dataCalls.get(this.#base));
  }
  set(key: KeyChain, value: unknown, options?: SetOptions | boolean): unknown {
    return this.#run(dataCalls.set(this.#at(key), value, options));
  }
  add(key: KeyChain, value: unknown): number {
    return this.#run(dataCalls.add(this.#at(key), value)) as number;
  }
  concat(key: KeyChain, value: unknown, options?: ValueOptions | boolean): unknown {
    return this.#run(dataCalls.concat(this.#at(key), value, options));
  }
  remove(key: KeyChain, options?: RemoveOptions | boolean): unknown {
    return this.#run(dataCalls.remove(this.#at(key), options));
  }
  removeRange(key: KeyChain, from: string | number, to?: string | number | RemoveRangeOptions): unknown {
    return this.#run(dataCalls.removeRange(this.#at(key), from, to));
  }
  removeAll(): void {
    this.#run(this.#base.length === 0 ? dataCalls.removeAll() : dataCalls.remove(this.#base));
  }
  splice(key: KeyChain, options?: SpliceOptions): unknown {
    return this.#run(dataCalls.splice(this.#at(key), options));
  }
  pop(key: KeyChain, options?: ValueOptions | boolean): unknown {
    return this.#run(dataCalls.pop(this.#at(key), options));
  }
  increment(key: KeyChain, by?: number): number {
    return this.#run(dataCalls.increment(this.#at(key), by)) as number;
  }
  compareAndSet(key: KeyChain, expected: unknown, value: unknown): boolean {
    return this.#run(dataCalls.compareAndSet(this.#at(key), expected, value)) as boolean;
  }
  expire(keys: readonly KeyChain[], seconds: number): void {
    for (const key of keys) this.#run(dataCalls.expire(this.#at(key), seconds));
  }
  unexpire(keys: readonly KeyChain[]): void {
    for (const key of keys) this.#run(dataCalls.unexpire(this.#at(key)));
  }
  /** In seconds since 1970. */
  getExpiry(key: KeyChain): number | undefined {
    return this.#run(dataCalls.getExpiry(this.#at(key))) as number | undefined;
  }

  #at(key: KeyChain): KeyChain {
    return this.#base.length === 0 ? key : [...this.#base, ...toKeys(key)];
  }

  #run(call: Call): unknown {
    const command = this.#core.commands[commandCodes[call.name]];
    if (command === undefined) throw new StoreError(`There is no command "${call.name}"`);
    return valueOf(call, this.#core.execute(command, requestOf(call), this.#caller) as ReadyReply);
  }
}
