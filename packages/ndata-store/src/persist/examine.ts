import { existsSync, statSync } from 'node:fs';
import { StartError } from 'sc-protocol';
import { Changes } from '../data/changes.js';
import { Expiry } from '../data/expiry.js';
import { Streams } from '../data/streams.js';
import { Tree } from '../data/tree.js';
import type { KeptData } from './apply-effects.js';
import { findFiles } from './find-files.js';
import type { StoreFile } from './find-files.js';
import type { Flaw } from './record-file.js';
import { flawText, readLog, readSnapshot } from './recovery.js';
import type { LenientReading } from './recovery.js';

export interface FileReport {
  readonly path: string;
  readonly bytes: number;
  readonly records: number;
  readonly flaws: readonly Flaw[];
}

/** Readable content of a folder, and its damage. */
export interface Examination {
  readonly data: KeptData;
  readonly changes: Changes;
  readonly files: readonly FileReport[];
  /** Reasons why a store does not start with the folder. */
  readonly problems: readonly string[];
  /** Bytes of a torn last write, which a start drops. */
  readonly tornBytes: number;
  /** The newest generation of the files, and the highest life. */
  readonly generation: number;
  readonly life: number;
  /** Whether the last store was closed cleanly, with all data flushed. */
  readonly isClosed: boolean;
}

/**
 * Reads a folder without changing it. Continues past damage, or stops there with `untilDamage`. Throws `StartError` if
 * it is not the folder of a store.
 */
export function examine(folder: string, untilDamage = false): Examination {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new StartError(`${folder} is not a folder`);
  const found = findFiles(folder, true);
  if (found.snapshot === undefined && found.logs.length === 0 && found.emptyLog === undefined) {
    throw new StartError(`${folder} holds no files of a store`);
  }
  const changes = new Changes();
  const data = { tree: new Tree(changes), expiry: new Expiry(changes), streams: new Streams(changes) };
  const files: FileReport[] = [];
  const problems = [...found.problems];
  let life = found.manifest?.life ?? 0;
  let tornBytes = 0;
  let isClosed = false;
  const options = { isLenient: true, untilFlaw: untilDamage };
  const report = (file: StoreFile, reading: LenientReading): void => {
    files.push({ path: file.path, bytes: file.bytes, records: reading.records, flaws: reading.flaws });
    for (const flaw of reading.flaws) {
      if (flaw.isTornTail && file.isNewest) tornBytes += flaw.bytes;
      else problems.push(flawText(file, flaw));
    }
    for (const { at, reason } of reading.unusable) {
      problems.push(`${file.path} holds a record at byte ${at} that cannot be used: ${reason}`);
    }
  };
  if (found.snapshot !== undefined) {
    const reading = readSnapshot(data, found.snapshot, options);
    report(found.snapshot, reading);
    if (!reading.isComplete) problems.push(`${found.snapshot.path} ends before its content does`);
    life = Math.max(life, found.snapshot.meta?.life ?? 0);
  }
  for (const file of found.logs) {
    if (untilDamage && problems.length > 0) break;
    const reading = readLog(data, file, options);
    report(file, reading);
    life = Math.max(life, reading.meta?.life ?? 0);
    isClosed = reading.isClosed;
  }
  const generation = Math.max(found.snapshot?.generation ?? 0, found.logs.at(-1)?.generation ?? 0);
  return {
    data,
    changes,
    files,
    problems,
    tornBytes,
    generation: Math.max(generation, found.emptyLog?.generation ?? 0),
    life,
    isClosed,
  };
}
