import { join, resolve } from 'node:path';
import { ChannelRuleTable, type ChannelRules, type NdataServerOptions, type PersistOptions } from 'ndata-store';
import { InvalidOptionsError } from 'sc-protocol';
import { count, oneOf, settle, text, type OptionsOf } from 'sc-protocol/kit';

const mebibyte = 1024 * 1024;

/** Declarations of the options of the stores. */
export const storeTable = {
  /**
   * Folder in which the stores persist their data, each in a subfolder (`store-0`, `store-1`, …) created with mode
   * `0700`. The data then survives restarts of a store and of the cluster. Keys and channels are distributed by the
   * number of stores, so do not change [`stores`](#stores) once there is data. `ndata-store check`, `repair`, `backup`
   * and `inspect` work on these folders.
   *
   * Without a folder, the history of channels whose rule keeps one (`history` or `last`) is logged in the [runtime
   * directory](#runtimedirectory), and removed when the cluster stops: it survives `kill -9` of a store, but neither a
   * restart of the cluster nor a power failure. Such a log takes at most 16 MiB, or twice the history, before a
   * snapshot replaces it. Keys are then in memory only. On Windows, and if the directory is not writable for the log,
   * history is in memory only as well.
   */
  storeFolder: text({ check: (path) => (path === '' ? 'must not be empty' : undefined) }),
  /**
   * When the stores flush their log to disk. Writes and kept publications are always passed to the operating system
   * before they are acknowledged, so `kill -9` of a store loses no acknowledged write; this option is about power
   * failures. `'written'`: the operating system decides. `'everySecond'`: a power failure loses the last second.
   * `'synced'`: before each acknowledgement. These need `storeFolder`. `'off'`, only without a folder: history is in
   * memory only, and nothing is written.
   * @default `'everySecond'` with a folder
   */
  storeFsync: oneOf(['off', 'written', 'everySecond', 'synced'], { default: 'everySecond' }),
  /** Approximate limit, in bytes, for the keys, values, streams and members of one store; 0 disables the limit. */
  maxStoreMemoryBytes: count({ default: 0, min: 0 }),
  /**
   * Policy of a store at `maxStoreMemoryBytes`: `'refuse'` rejects writes that carry a value, `'evict-volatile'`
   * first evicts keys that have an expiry, the earliest first. Publications are never refused because of it; kept
   * ones are evicted instead.
   */
  storeMemoryPolicy: oneOf(['refuse', 'evict-volatile'], { default: 'refuse' }),
  /** Maximum size of a value or payload that a store accepts, in bytes. */
  maxStoreValueBytes: count({ default: 16 * mebibyte, min: 1, max: 255 * mebibyte }),
  /**
   * Bytes of publications that may be queued in a store for one busy worker. Further publications are dropped; the
   * worker fetches them from the channel's history, or reports the loss: a warning in the log, the event
   * `publicationsLost` and counters in `scServer.stats()`.
   */
  maxStorePendingBytes: count({ default: 64 * mebibyte, min: 65_536 }),
  /**
   * Maximum number of calls of one worker that wait for one store, including publications, for example while the store
   * restarts; further ones are rejected with `ResourceLimitError`. Together they may take 64 MiB.
   */
  maxStorePendingCalls: count({ default: 131_072, min: 1 }),
  /**
   * Maximum number of channels whose history one store keeps. Beyond it, the least recently used channel is evicted
   * together with its position; clients that return to that channel receive `recovered: false`.
   */
  maxStoreStreams: count({ default: 1_000_000, min: 1 }),
  /**
   * Memory limit, in bytes, for the kept publications of one store. Above it, those of the least recently used
   * channels are evicted; a publication is never refused because of it.
   */
  maxHistoryBytes: count({ default: 64 * mebibyte, min: 0 }),
};

/** Contents, location and limits of the stores of a cluster. Each applies to one store. */
export interface StoreOptions extends OptionsOf<typeof storeTable> {}

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
  /** Whether the folder of `persist` is removed when the cluster stops. */
  readonly isFolderTemporary: boolean;
}

function keepsHistory(channels: ChannelRules = {}): boolean {
  return Object.values(channels).some(({ history, last }) => last === true || (history ?? false) !== false);
}

/** Log size at which a snapshot replaces the log in the runtime directory, which is often in memory. */
const temporaryLogBytes = 16 * mebibyte;

/**
 * Checks the options of the stores. Returns a function that creates the settings of the store with an id;
 * `temporaryFolder` is its folder in the runtime directory, if there is one. Throws `InvalidOptionsError`.
 */
export function resolveStoreOptions(
  options: StoreOptions & { readonly channels?: ChannelRules },
): (id: number, temporaryFolder: string | undefined) => StoreSettings {
  const { channels, storeFolder, storeFsync } = options;
  // Validate here, with the name of the field, instead of in a store that then fails to start.
  new ChannelRuleTable(channels);
  if (storeFsync !== undefined && (storeFsync === 'off') !== (storeFolder === undefined)) {
    const problem =
      storeFsync === 'off' ? "must not be 'off' with a storeFolder" : 'needs storeFolder, which is not given';
    throw new InvalidOptionsError(`\`storeFsync\` ${problem}`, { option: 'storeFsync' });
  }
  const settled = settle(storeTable, options);
  const folder = storeFolder === undefined ? undefined : resolve(storeFolder);
  const persistOf = (id: number, temporaryFolder: string | undefined): StoreSettings['persist'] => {
    if (settled.storeFsync === 'off') return undefined;
    if (folder !== undefined) return { folder: join(folder, `store-${id}`), fsync: settled.storeFsync };
    if (temporaryFolder === undefined || !keepsHistory(channels)) return undefined;
    return { folder: temporaryFolder, fsync: 'written', content: 'history', compactBytes: temporaryLogBytes };
  };
  return (id, temporaryFolder) => ({
    persist: persistOf(id, temporaryFolder),
    isFolderTemporary: folder === undefined,
    ...(channels !== undefined && { channels }),
    maxMemoryBytes: settled.maxStoreMemoryBytes,
    memoryPolicy: settled.storeMemoryPolicy,
    maxValueBytes: settled.maxStoreValueBytes,
    maxPendingBytes: settled.maxStorePendingBytes,
    maxStreams: settled.maxStoreStreams,
    maxHistoryBytes: settled.maxHistoryBytes,
  });
}
