import { InvalidOptionsError } from 'sc-protocol';
import { givenOptions, requireRule } from 'sc-protocol/kit';
import { checkNames, checkNumber } from '../option-rules.js';

/**
 * When writes are flushed to the disk. Every write is passed to the operating system before it is acknowledged, so a
 * killed process loses no acknowledged write; the policy only matters for power cuts and crashes of the machine.
 * `written`: the operating system decides. `everySecond`: once per second. `synced`: before the write is acknowledged.
 */
export type FsyncPolicy = 'written' | 'everySecond' | 'synced';

/** Former names: `never` is `written`, `always` is `synced`. */
export type FsyncOption = FsyncPolicy | 'never' | 'always';

/** Options for the persistence of a store. */
export interface PersistOptions {
  /** The folder for the log and the snapshots, created with mode 0700. One store at a time can use it. */
  readonly folder: string;
  /**
   * When writes are flushed to the disk. `never` and `always` are former names of `written` and `synced`.
   * @default 'everySecond'
   */
  readonly fsync?: FsyncOption;
  /**
   * Log size in bytes after which a snapshot replaces the log. The log must also exceed twice the size of the last
   * snapshot.
   * @default 67108864
   */
  readonly compactBytes?: number;
  /**
   * Content of the folder: `all`, or only the `history` of channels. With `history`, keys are in memory only, and stay
   * writable even if the log is not. @default 'all'
   */
  readonly content?: PersistContent;
}

/** The data that a store persists. */
export type PersistContent = 'all' | 'history';

export interface ResolvedPersistOptions {
  readonly folder: string;
  readonly fsync: FsyncPolicy;
  readonly compactBytes: number;
  readonly content: PersistContent;
}

const policies: Readonly<Record<FsyncOption, FsyncPolicy>> = {
  written: 'written',
  everySecond: 'everySecond',
  synced: 'synced',
  never: 'written',
  always: 'synced',
};

export function resolvePersistOptions(options: PersistOptions): ResolvedPersistOptions {
  checkNames(options, ['folder', 'fsync', 'compactBytes', 'content'], 'persist.');
  const { folder, fsync = 'everySecond', compactBytes = 64 * 1024 * 1024, content = 'all' } = givenOptions(options);
  if (typeof folder !== 'string' || folder === '') {
    throw new InvalidOptionsError('`persist.folder` must be a path', { option: 'persist.folder' });
  }
  if (!Object.hasOwn(policies, fsync)) {
    throw new InvalidOptionsError(
      `\`persist.fsync\` must be one of ${Object.keys(policies).join(', ')}, got ${fsync}`,
      {
        option: 'persist.fsync',
      },
    );
  }
  checkNumber('persist.compactBytes', compactBytes, 1);
  requireRule(['all', 'history'].includes(content), 'persist.content', "'all' or 'history'", content);
  return { folder, fsync: policies[fsync], compactBytes, content };
}
