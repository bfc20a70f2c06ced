import { join, resolve } from 'node:path';
import { ChannelRuleTable, type ChannelRules, type MemoryPolicy, type NdataServerOptions } from 'ndata-store';
import { InvalidOptionsError } from 'sc-protocol';
import type { Rules } from '../../kit/options/check.js';

/** Contents, location and limits of the stores of a cluster. Each applies to one store. */
export interface StoreOptions {
  /**
   * Folder in which the stores keep their data, each in a folder of its own (`store-0`, `store-1`, …); it is made with mode
   * 0700. The data then survives the end of a store and of the cluster. With another number of `stores` keys and channels
   * live in other stores, so keep that number. @default none: data is in memory only
   */
  storeFolder?: string;
  /**
   * When the stores flush their log to the disk. Writes and kept publications are always handed to the system before they
   * are answered, so `kill -9` loses nothing that was answered; this is about power cuts. `'written'`: when the system
   * likes. `'everySecond'`: a power cut loses the last second. `'synced'`: before each answer. Needs `storeFolder`.
   * @default 'everySecond'
   */
  storeFsync?: 'written' | 'everySecond' | 'synced';
  /** About how many bytes keys, values, streams and members of one store may take; 0 is no limit. @default 0 */
  maxStoreMemoryBytes?: number;
  /**
   * At that limit: `'refuse'` fails writes that carry a value, `'evict-volatile'` first removes keys that have an expiry,
   * those that expire soonest before the others. Publications are never refused for it. @default 'refuse'
   */
  storeMemoryPolicy?: MemoryPolicy;
  /** Largest value and payload that a store takes, in bytes. @default 16777216 */
  maxStoreValueBytes?: number;
  /**
   * Bytes of publications that may be queued in a store for one worker. Further ones are dropped, and reported by the
   * event `publicationsLost` or fetched again from the channel's history. @default 67108864
   */
  maxStorePendingBytes?: number;
  /**
   * Bytes that the kept publications of one store may take. Beyond that, those of the least recently used channels go; a
   * publication is never refused for it. @default 67108864
   */
  maxHistoryBytes?: number;
}

const mebibyte = 1024 * 1024;

/** The rule of each option. */
export const storeRules: Rules<StoreOptions> = {
  storeFolder: { type: 'string', check: (path) => (path === '' ? 'must not be empty' : undefined) },
  storeFsync: { type: 'one-of', values: ['written', 'everySecond', 'synced'] },
  maxStoreMemoryBytes: { type: 'count', min: 0 },
  storeMemoryPolicy: { type: 'one-of', values: ['refuse', 'evict-volatile'] },
  maxStoreValueBytes: { type: 'count', min: 1, max: 255 * mebibyte },
  maxStorePendingBytes: { type: 'count', min: 65_536 },
  maxHistoryBytes: { type: 'count', min: 0 },
};

export const storeDefaults = {
  storeFsync: 'everySecond' as 'written' | 'everySecond' | 'synced',
  maxStoreMemoryBytes: 0,
  storeMemoryPolicy: 'refuse' as MemoryPolicy,
  maxStoreValueBytes: 16 * mebibyte,
  maxStorePendingBytes: 64 * mebibyte,
  maxHistoryBytes: 64 * mebibyte,
} satisfies StoreOptions;

/** Settings of one store. */
export type StoreSettings = Pick<
  NdataServerOptions,
  'persist' | 'channels' | 'maxMemoryBytes' | 'memoryPolicy' | 'maxValueBytes' | 'maxPendingBytes' | 'maxHistoryBytes'
>;

/** Checks the options of the stores, and returns what the store in a position is made with. Throws `InvalidOptionsError`. */
export function resolveStoreOptions(
  options: StoreOptions & { readonly channels?: ChannelRules },
): (id: number) => StoreSettings {
  const { channels, storeFolder, storeFsync } = options;
  // Refused here, with the name of the field, rather than by a store that does not start.
  new ChannelRuleTable(channels);
  if (storeFsync !== undefined && storeFolder === undefined) {
    throw new InvalidOptionsError('`storeFsync` needs storeFolder, which is not given', { option: 'storeFsync' });
  }
  const merged = { ...storeDefaults, ...options };
  const folder = storeFolder === undefined ? undefined : resolve(storeFolder);
  return (id) => ({
    ...(folder !== undefined && { persist: { folder: join(folder, `store-${id}`), fsync: merged.storeFsync } }),
    ...(channels !== undefined && { channels }),
    maxMemoryBytes: merged.maxStoreMemoryBytes,
    memoryPolicy: merged.storeMemoryPolicy,
    maxValueBytes: merged.maxStoreValueBytes,
    maxPendingBytes: merged.maxStorePendingBytes,
    maxHistoryBytes: merged.maxHistoryBytes,
  });
}
