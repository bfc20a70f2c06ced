import { InvalidOptionsError } from 'sc-protocol';
import { checkNames, checkNumber } from '../option-rules.js';

/**
 * When writes reach the disk. `always`: before they are answered; nothing that was answered is ever lost. `everySecond`:
 * handed to the system within the loop turn after the answer, flushed every second; a killed process loses at most the
 * writes of its last moments, a power cut up to about a second. `never`: handed to the system likewise, flushed when it likes.
 */
export type FsyncPolicy = 'always' | 'everySecond' | 'never';

export interface PersistOptions {
  /** The folder for the log and the snapshots; made with mode 0700. One store at a time. */
  readonly folder: string;
  /** @default 'everySecond' */
  readonly fsync?: FsyncPolicy;
  /** Bytes of log after which a snapshot replaces it, if that is also twice the last snapshot. @default 67108864 */
  readonly compactBytes?: number;
}

const policies: readonly FsyncPolicy[] = ['always', 'everySecond', 'never'];

export function resolvePersistOptions(options: PersistOptions): Required<PersistOptions> {
  checkNames(options, ['folder', 'fsync', 'compactBytes'], 'persist.');
  const { folder, fsync = 'everySecond', compactBytes = 64 * 1024 * 1024 } = options;
  if (typeof folder !== 'string' || folder === '') {
    throw new InvalidOptionsError('`persist.folder` must be a path', { option: 'persist.folder' });
  }
  if (!policies.includes(fsync)) {
    throw new InvalidOptionsError(`\`persist.fsync\` must be one of ${policies.join(', ')}, got ${fsync}`, {
      option: 'persist.fsync',
    });
  }
  checkNumber('persist.compactBytes', compactBytes, 1);
  return { folder, fsync, compactBytes };
}
