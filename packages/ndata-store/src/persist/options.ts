import { InvalidOptionsError } from 'sc-protocol';
import { givenOptions, requireRule } from 'sc-protocol/kit';
import { checkNames, checkNumber } from '../option-rules.js';

/**
 * When writes are flushed to the disk. All of them are handed to the system before they are answered, so a killed process
 * loses nothing that was answered; the policy is about power cuts and crashes of the machine. `written`: when the system
 * likes. `everySecond`: every second. `synced`: before they are answered.
 */
export type FsyncPolicy = 'written' | 'everySecond' | 'synced';

/** Earlier names: `never` is `written`, `always` is `synced`. */
export type FsyncOption = FsyncPolicy | 'never' | 'always';

/** Options for the persistence of a store. */
export interface PersistOptions {
  /** The folder for the log and the snapshots; made with mode 0700. One store at a time. */
  readonly folder: string;
  /** When writes are flushed to the disk. `never` and `always` are other names of `written` and `synced`. @default 'everySecond' */
  readonly fsync?: FsyncOption;
  /** Bytes of log after which a snapshot replaces it, if that is also twice the last snapshot. @default 67108864 */
  readonly compactBytes?: number;
  /**
   * Content of the folder: everything, or the history of channels alone. Keys are in memory only then, and can be written
   * while the log cannot be. @default 'all'
   */
  readonly content?: PersistContent;
}

/** The data that a store keeps in its folder. */
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
