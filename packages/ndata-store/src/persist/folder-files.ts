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

/** The generations of the files there, ascending. */
export function generationsOf(folder: string, kind: FileKind): number[] {
  const pattern = new RegExp(`^${kind}-(\\d+)\\.nd$`);
  const numbers = readdirSync(folder).flatMap((name) => pattern.exec(name)?.[1] ?? []);
  return numbers.map(Number).sort((a, b) => a - b);
}

/** Metadata of the folder besides its files, used to detect that the last log is missing. */
export interface Manifest {
  readonly version: 2;
  /** The newest log. */
  readonly generation: number;
  /** The highest life so far. */
  readonly life: number;
  /** Whether this is a copy: the original may have gone on, in lives of its own. */
  readonly isCopy?: boolean;
}

const manifestName = 'manifest.json';

/** The folder's manifest, or `undefined` when there is none that can be read. */
export function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, manifestName);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch {
    // The files themselves are checked all the same.
    return undefined;
  }
}

/** Replaces the manifest, on the disk too when that is asked for. */
export function writeManifest(folder: string, manifest: Manifest): void {
  const path = join(folder, manifestName);
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, JSON.stringify(manifest), { mode: 0o600, flush: true });
  renameSync(temporary, path);
  syncFolderNow(folder);
}

/** Makes new names and renames in the folder last through a power cut. */
export async function syncFolder(path: string): Promise<void> {
  // Windows has no handles of folders, and needs none for this.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** As {@link syncFolder}, for a start, which waits for it. */
export function syncFolderNow(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
