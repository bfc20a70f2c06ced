import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a store's folder. */
export type FileKind = 'log' | 'snapshot';

export function logPath(folder: string, generation: number): string {
  return join(folder, `log-${generation}.nd`);
}

export function snapshotPath(folder: string, generation: number): string {
  return join(folder, `snapshot-${generation}.nd`);
}

/** The generations of the files in the folder, ascending. */
export function generationsOf(folder: string, kind: FileKind): number[] {
  const pattern = new RegExp(`^${kind}-(\\d+)\\.nd$`);
  const numbers = readdirSync(folder).flatMap((name) => pattern.exec(name)?.[1] ?? []);
  return numbers.map(Number).sort((a, b) => a - b);
}

/** Metadata of the folder, in a separate file. Used to detect that the last log is missing. */
export interface Manifest {
  readonly version: 2;
  /** The newest log. */
  readonly generation: number;
  /** The highest life so far. */
  readonly life: number;
  /** Whether the folder is a copy. The original may have continued, with later lives of its own. */
  readonly isCopy?: boolean;
}

const manifestName = 'manifest.json';

/** The folder's manifest, or `undefined` if it is missing or unreadable. */
export function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, manifestName);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch {
    // Ignore a damaged manifest: the files themselves are checked, too.
    return undefined;
  }
}

/** Replaces the manifest atomically, and flushes it to the disk. */
export function writeManifest(folder: string, manifest: Manifest): void {
  const path = join(folder, manifestName);
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, JSON.stringify(manifest), { mode: 0o600, flush: true });
  renameSync(temporary, path);
  syncFolderNow(folder);
}

/** Flushes new and renamed directory entries, so they survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders, and does not need this.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Like {@link syncFolder}, but synchronous, for a start. */
export function syncFolderNow(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
