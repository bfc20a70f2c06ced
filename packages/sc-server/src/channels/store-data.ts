import { methodNames } from 'ndata-store';
import type { DataStore, MemberCommands, ProcedureCommands, SendCommands, Store } from 'ndata-store';

/** The store commands that other objects expose: data, members, and calls to store controllers. */
export type StoreData = DataStore & MemberCommands & ProcedureCommands & SendCommands;

const others: Readonly<Record<Exclude<keyof StoreData, keyof DataStore>, true>> = {
  join: true,
  leave: true,
  members: true,
  memberCount: true,
  watchMembers: true,
  unwatchMembers: true,
  invoke: true,
  send: true,
};

/** Returns these commands bound to the store, for another object to expose. */
export function storeData(store: Store): StoreData {
  const source = store as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;
  const names = [...methodNames.data, ...Object.keys(others)];
  // Every command of the type is among the names.
  return Object.fromEntries(names.map((name) => [name, source[name]?.bind(store)])) as unknown as StoreData;
}
