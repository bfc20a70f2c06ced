import type { Store } from 'ndata-store';

/** What a store does beside data: carrying publications, and its own life. */
type NotData =
  | 'onPayload'
  | 'subscribe'
  | 'unsubscribe'
  | 'subscriptions'
  | 'isSubscribed'
  | 'publish'
  | 'publishPayload'
  | 'status'
  | 'drain'
  | 'close'
  | 'on'
  | 'once'
  | 'off';

/** The data commands of a store. */
export type StoreData = Omit<Store, NotData>;

const commands: Readonly<Record<keyof StoreData, true>> = {
  set: true,
  get: true,
  getAll: true,
  hasKey: true,
  remove: true,
  removeAll: true,
  expire: true,
  unexpire: true,
  getExpiry: true,
};

/** The data commands of this store, to be offered by another object. */
export function dataCommands(store: Store): StoreData {
  const bound = Object.keys(commands).map((name) => {
    const command = store[name as keyof StoreData] as (...args: unknown[]) => unknown;
    return [name, command.bind(store)] as const;
  });
  // Every command of the type stands in the table.
  return Object.fromEntries(bound) as unknown as StoreData;
}
