import type { CoreCommands } from '../core/command.js';
import type { StoreCore } from '../core/store-core.js';
import { append, publish, subscribe, unsubscribe } from './channels.js';
import type { ChannelCommands } from './channels.js';
import type { ClientCommand, ClientMethod, DataCommand } from './define.js';
import { expire, getExpiry, unexpire } from './expiry.js';
import type { ExpiryCommands } from './expiry.js';
import { add, concat, pop, splice } from './lists.js';
import type { ListCommands } from './lists.js';
import { join, joinMany, leave, memberCount, members, unwatchMembers, watchMembers } from './members.js';
import type { MemberCommands } from './members.js';
import { invoke, query, run, send } from './procedures.js';
import type { ProcedureCommands, QueryCommands, SendCommands } from './procedures.js';
import { confirmOrder, giveOrder, joinOrders, leaveOrders } from './orders.js';
import { getRange, removeRange } from './ranges.js';
import type { RangeCommands } from './ranges.js';
import { count, get, hasKey } from './read.js';
import type { ReadCommands } from './read.js';
import { renewed, setLastWill, statistics, topChannels } from './store.js';
import type { StoreCommands } from './store.js';
import { readStream, removeStream, trimStream } from './streams.js';
import type { StreamCommands } from './streams.js';
import { getMany, setMany, transaction } from './transaction.js';
import type { BatchCommands } from './transaction.js';
import { getAll, keys, removeAll } from './tree.js';
import type { TreeCommands } from './tree.js';
import { unwatch, watch } from './watch.js';
import { compareAndSet, increment, remove, set, setIfAbsent } from './write.js';
import type { WriteCommands } from './write.js';

/** Commands for the value at one key chain, their first argument. */
export interface ValueCommands extends ReadCommands, WriteCommands, ListCommands, RangeCommands {}

/**
 * Commands for keys. Values are JSON values and binary data; results are copies. `true` in place of the options means
 * `{ getValue: true }`.
 */
export interface DataStore extends ValueCommands, TreeCommands, ExpiryCommands, BatchCommands {}

/** Every method of a store client that derives from the table. */
export interface CommandMethods
  extends
    DataStore,
    ChannelCommands,
    StreamCommands,
    MemberCommands,
    ProcedureCommands,
    QueryCommands,
    SendCommands,
    StoreCommands {}

/** Checks the definitions against the declared methods: same names, same results. */
type Definitions<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends (...args: never[]) => Promise<infer Result>
    ? ClientMethod<never[], Result>
    : never;
};

export const valueCommands = {
  get,
  hasKey,
  count,
  set,
  setIfAbsent,
  remove,
  increment,
  compareAndSet,
  add,
  concat,
  splice,
  pop,
  getRange,
  removeRange,
} satisfies Definitions<ValueCommands> & Record<string, DataCommand>;

/** Commands that a transaction may contain. Each is a method of `CommandList` and, run synchronously, of `DataMap`. */
export const keyCommands = {
  ...valueCommands,
  getAll,
  removeAll,
  keys,
  expire,
  unexpire,
  getExpiry,
} satisfies Record<string, DataCommand>;

export const dataCommands = {
  ...keyCommands,
  getMany,
  setMany,
  transaction,
} satisfies Definitions<DataStore>;

/** Every command, and every method composed of commands. Every other table of commands derives from this one. */
export const clientMethods = {
  ...dataCommands,
  subscribe,
  unsubscribe,
  publish,
  append,
  readStream,
  trimStream,
  removeStream,
  join,
  leave,
  members,
  memberCount,
  watchMembers,
  unwatchMembers,
  invoke,
  run,
  query,
  send,
  setLastWill,
  statistics,
  topChannels,
} satisfies Definitions<CommandMethods>;

const valueNames = Object.keys(valueCommands) as (keyof ValueCommands)[];

/** Method names, for objects that expose a subset of a store's methods. */
export const methodNames: {
  /** Commands of `DataStore`. */
  readonly data: readonly (keyof DataStore)[];
  /** Commands of `ValueCommands` that only read. */
  readonly reading: readonly (keyof ValueCommands)[];
  /** Commands of `ValueCommands` that write. */
  readonly writing: readonly (keyof ValueCommands)[];
} = {
  data: Object.keys(dataCommands) as (keyof DataStore)[],
  reading: valueNames.filter((name) => !valueCommands[name].writes),
  writing: valueNames.filter((name) => valueCommands[name].writes),
};

/** The store's halves of the commands, by code. */
export const coreCommands: CoreCommands<StoreCore> = {
  byCode: tabulate([
    ...Object.values(clientMethods),
    watch,
    unwatch,
    joinOrders,
    leaveOrders,
    giveOrder,
    confirmOrder,
    joinMany,
    renewed,
  ]),
  transaction,
};

function tabulate(
  methods: readonly (ClientCommand | ClientMethod<never[], unknown>)[],
): CoreCommands<StoreCore>['byCode'] {
  const byCode = new Array<ClientCommand | undefined>(256).fill(undefined);
  for (const method of methods) {
    if (!('code' in method)) continue;
    const taken = byCode[method.code];
    if (taken !== undefined) throw new TypeError(`"${method.name}" and "${taken.name}" have the code ${method.code}`);
    byCode[method.code] = method;
  }
  return byCode;
}
