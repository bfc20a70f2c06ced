import { join, resolve } from 'node:path';
import {
  ChannelRuleTable,
  type ChannelRules,
  type MemoryPolicy,
  type NdataServerOptions,
  type PersistOptions,
} from 'ndata-store';
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
   * likes. `'everySecond'`: a power cut loses the last second. `'synced'`: before each answer. These need `storeFolder`.
   * Without a folder, the history of channels whose rule keeps one is written to the runtime directory, so that it survives
   * `kill -9` of a store, and removed when the cluster stops; `'off'` keeps it in memory only. @default 'everySecond'
   */
  storeFsync?: 'off' | 'written' | 'everySecond' | 'synced';
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
   * Calls of one worker that may wait for one store, as while it restarts; a further one is refused. They may take 64 MiB.
   * @default 131072
   */
  maxStorePendingCalls?: number;
  /**
   * Channels whose history one store remembers. Beyond that, the least recently used is forgotten with its position, and
   * clients that come back to it are told. @default 1000000
   */
  maxStoreStreams?: number;
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
  storeFsync: { type: 'one-of', values: ['off', 'written', 'everySecond', 'synced'] },
  maxStoreMemoryBytes: { type: 'count', min: 0 },
  storeMemoryPolicy: { type: 'one-of', values: ['refuse', 'evict-volatile'] },
  maxStoreValueBytes: { type: 'count', min: 1, max: 255 * mebibyte },
  maxStorePendingBytes: { type: 'count', min: 65_536 },
  maxStorePendingCalls: { type: 'count', min: 1 },
  maxStoreStreams: { type: 'count', min: 1 },
  maxHistoryBytes: { type: 'count', min: 0 },
};

export const storeDefaults = {
  storeFsync: 'everySecond' as NonNullable<StoreOptions['storeFsync']>,
  maxStoreMemoryBytes: 0,
  storeMemoryPolicy: 'refuse' as MemoryPolicy,
  maxStoreValueBytes: 16 * mebibyte,
  maxStorePendingBytes: 64 * mebibyte,
  maxStorePendingCalls: 131_072,
  maxStoreStreams: 1_000_000,
  maxHistoryBytes: 64 * mebibyte,
} satisfies StoreOptions;

/** Settings of one store. */
export interface StoreSettings extends Pick<
  NdataServerOptions,
  | 'channels'
  | 'maxMemoryBytes'
  | 'memoryPolicy'
  | 'maxValueBytes'
  | 'maxPendingBytes'
  | 'maxHistoryBytes'
  | 'maxStreams'
> {
  readonly persist: PersistOptions | undefined;
  /** The folder of `persist` lasts as long as the cluster. */
  readonly isFolderTemporary: boolean;
}

function keepsHistory(channels: ChannelRules = {}): boolean {
  return Object.values(channels).some(({ history, last }) => last === true || (history ?? false) !== false);
}

/** Bytes of log in the runtime directory, which is often in memory, after which a snapshot replaces it. */
const temporaryLogBytes = 16 * mebibyte;

/**
 * Checks the options of the stores. Returns a function that makes the settings of the store in a position, where
 * `temporaryFolder` is its place in the runtime directory, if there is one. Throws `InvalidOptionsError`.
 */
export function resolveStoreOptions(
  options: StoreOptions & { readonly channels?: ChannelRules },
): (id: number, temporaryFolder: string | undefined) => StoreSettings {
  const { channels, storeFolder, storeFsync } = options;
  // Refused here, with the name of the field, rather than by a store that does not start.
  new ChannelRuleTable(channels);
  if (storeFsync !== undefined && (storeFsync === 'off') !== (storeFolder === undefined)) {
    const problem =
      storeFsync === 'off' ? "must not be 'off' with a storeFolder" : 'needs storeFolder, which is not given';
    throw new InvalidOptionsError(`\`storeFsync\` ${problem}`, { option: 'storeFsync' });
  }
  const merged = { ...storeDefaults, ...options };
  const folder = storeFolder === undefined ? undefined : resolve(storeFolder);
  const persistOf = (id: number, temporaryFolder: string | undefined): StoreSettings['persist'] => {
    if (merged.storeFsync === 'off') return undefined;
    if (folder !== undefined) return { folder: join(folder, `store-${id}`), fsync: merged.storeFsync };
    if (temporaryFolder === undefined || !keepsHistory(channels)) return undefined;
    return { folder: temporaryFolder, fsync: 'written', content: 'history', compactBytes: temporaryLogBytes };
  };
  return (id, temporaryFolder) => ({
    persist: persistOf(id, temporaryFolder),
    isFolderTemporary: folder === undefined,
    ...(channels !== undefined && { channels }),
    maxMemoryBytes: merged.maxStoreMemoryBytes,
    memoryPolicy: merged.storeMemoryPolicy,
    maxValueBytes: merged.maxStoreValueBytes,
    maxPendingBytes: merged.maxStorePendingBytes,
    maxStreams: merged.maxStoreStreams,
    maxHistoryBytes: merged.maxHistoryBytes,
  });
}
