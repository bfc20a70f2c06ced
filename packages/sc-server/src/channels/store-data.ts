import type { DataStore, Store } from 'ndata-store';

/** The commands of a store that work on data. */
export type StoreData = DataStore & Pick<Store, 'invoke' | 'run' | 'query'>;

const commands: Readonly<Record<keyof StoreData, true>> = {
  set: true,
  setMany: true,
  compareAndSet: true,
  increment: true,
  get: true,
  getMany: true,
  getAll: true,
  getRange: true,
  hasKey: true,
  count: true,
  keys: true,
  add: true,
  concat: true,
  remove: true,
  removeRange: true,
  removeAll: true,
  splice: true,
  pop: true,
  expire: true,
  unexpire: true,
  getExpiry: true,
  transaction: true,
  invoke: true,
  run: true,
  query: true,
};

/** The data commands of this store, to be offered by another object. */
export function dataCommands(store: Store): StoreData {
  const source = store as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;
  const bound = Object.keys(commands).map((name) => [name, source[name]?.bind(store)] as const);
  // Every command of the type stands in the table.
  return Object.fromEntries(bound) as unknown as StoreData;
}
