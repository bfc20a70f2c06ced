import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { StartError } from 'sc-protocol';
import { examine } from './examine.js';
import type { Examination } from './examine.js';
import { findFiles } from './find-files.js';
import { logPath, snapshotPath, syncFolderNow, writeManifest } from './folder-files.js';
import { readRecordFile } from './record-file.js';

/** Maximum number of attempts, as the store may replace its files during the copy. */
const attempts = 10;

/**
 * Copies a store's folder, which may be in use: files of a store are append-only, so the complete records at a point
 * in time are the state at that time. Throws `StartError` if the folder is damaged or `to` is not empty, and then
 * leaves no files at `to`.
 */
export function backup(folder: string, to: string): Examination {
  if (existsSync(to) && readdirSync(to).length > 0) throw new StartError(`${to} is not empty`);
  const isNew = !existsSync(to);
  mkdirSync(to, { recursive: true, mode: 0o700 });
  try {
    copyFiles(folder, to);
    const copy = examine(to);
    const [problem] = copy.problems;
    if (problem !== undefined) {
      throw new StartError(`The copy cannot be used: ${problem}`, {
        remedy: `See \`ndata-store check ${folder}\`.`,
      });
    }
    writeManifest(to, { version: 2, generation: copy.generation, life: copy.life, isCopy: true });
    return copy;
  } catch (error) {
    for (const name of readdirSync(to)) rmSync(join(to, name));
    if (isNew) rmSync(to, { recursive: true });
    throw error;
  }
}

function copyFiles(folder: string, to: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      copyOnce(folder, to);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === attempts) throw error;
      // The store replaced its log with a snapshot during the copy.
      for (const name of readdirSync(to)) rmSync(join(to, name));
    }
  }
}

function copyOnce(folder: string, to: string): void {
  const { snapshot, logs, problems } = findFiles(folder);
  const [problem] = problems;
  if (problem !== undefined) throw new StartError(problem, { remedy: `See \`ndata-store check ${folder}\`.` });
  if (logs.length === 0) throw new StartError(`${folder} holds no files of a store`);
  if (snapshot !== undefined) copyFile(snapshot.path, snapshotPath(to, snapshot.generation));
  for (const { path, generation, isNewest } of logs) {
    const copy = logPath(to, generation);
    copyFile(path, copy);
    // The write of the last record may be in flight.
    if (isNewest) truncateSync(copy, readRecordFile(copy, () => undefined, { untilFlaw: true }).validBytes);
  }
  syncFolderNow(to);
}

function copyFile(from: string, to: string): void {
  copyFileSync(from, to);
  const fd = openSync(to, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
