import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { examine } from './examine.js';
import type { Examination } from './examine.js';
import { logPath, snapshotPath, syncFolderNow, writeManifest } from './folder-files.js';
import { FolderLock } from './folder-lock.js';
import { encodeRecord, fileHeader, recordKinds } from './records.js';
import { Snapshot } from './snapshot.js';
import { metaContent } from './state-records.js';

export interface Repair {
  readonly found: Examination;
  /** Folder with the original files; `undefined` if nothing was wrong. */
  readonly originals: string | undefined;
}

/**
 * Makes a folder usable again: writes the readable data to a new snapshot, and moves the original files to a
 * subfolder. Includes the data after damage, unless `untilDamage` is set. Without the damaged part, the result may be
 * a state that the store never had. Throws `StartError` if a store uses the folder.
 */
export async function repair(folder: string, untilDamage: boolean): Promise<Repair> {
  const lock = new FolderLock(folder, { onLost: () => undefined });
  try {
    const found = examine(folder, untilDamage);
    if (found.problems.length === 0) return { found, originals: undefined };
    const originals = join(folder, `damaged-${new Date().toISOString().replaceAll(':', '-')}`);
    const generation = found.generation + 1;
    const { life, data, changes } = found;
    // Write no clean end, so that positions in streams are not accepted across the repair.
    const meta = { generation, life, streamLife: life, startedAt: new Date().toISOString() };
    const log = Buffer.concat([fileHeader, encodeRecord(0, recordKinds.meta, metaContent(meta))]);
    const before = readdirSync(folder).filter((name) => /^(?:log|snapshot)-\d+\.nd$/.test(name));
    writeFileSync(logPath(folder, generation), log, { mode: 0o600, flush: true });
    await new Snapshot(data, changes, { meta, keepsKeys: true }).write(snapshotPath(folder, generation), () =>
      lock.check(true),
    );
    writeManifest(folder, { version: 2, generation, life });
    mkdirSync(originals, { mode: 0o700 });
    for (const name of before) renameSync(join(folder, name), join(originals, name));
    syncFolderNow(originals);
    syncFolderNow(folder);
    return { found, originals };
  } finally {
    lock.release();
  }
}
