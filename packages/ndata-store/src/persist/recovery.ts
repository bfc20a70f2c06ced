import { StartError } from 'sc-protocol';
import { applyEffects } from './apply-effects.js';
import type { KeptData } from './apply-effects.js';
import { findFiles } from './find-files.js';
import type { FolderFiles, StoreFile } from './find-files.js';
import { readRecordFile } from './record-file.js';
import type { FileReading, ReadOptions, TakeRecord } from './record-file.js';
import { recordKinds } from './records.js';
import { readMeta, takeState } from './state-records.js';
import type { FileMeta } from './state-records.js';

/** Result of the recovery of a folder. */
export interface RecoveryReport {
  /** Number of records in the snapshot and the logs after it. */
  readonly records: number;
  /** Bytes of an incomplete record at the end of the log: a torn write, which is lost. */
  readonly droppedBytes: number;
  /** Whether the previous run was closed cleanly, with all data flushed. `true` at a first start. */
  readonly wasClosed: boolean;
}

export interface Recovered extends RecoveryReport {
  /** The newest generation, 0 if there is none. The next log gets the generation after it. */
  readonly generation: number;
  /** Valid bytes of the newest log; 0 if there is none. */
  readonly logBytes: number;
  /** Bytes of all logs after the snapshot, including the newest. */
  readonly allLogBytes: number;
  readonly snapshotBytes: number;
  /** The highest life so far, or 0. */
  readonly life: number;
  readonly streamLife: number;
  /** Path of a log without a complete record, which the next log replaces. */
  readonly emptyLog: string | undefined;
}

/** Largest random jump of the life, which is a 32-bit number. */
export const maxLifeJump = 0x3fffffff;

/** Restores the data from the files. Changes no file. Throws `StartError` for any damage other than a torn tail. */
export function recover(data: KeptData, folder: string): Recovered {
  const files = findFiles(folder);
  const [problem] = files.problems;
  if (problem !== undefined) throw damaged(folder, problem);
  let records = 0;
  if (files.snapshot !== undefined) {
    const reading = readSnapshot(data, files.snapshot);
    const [flaw] = reading.flaws;
    if (flaw !== undefined) throw damaged(folder, flawText(files.snapshot, flaw));
    if (!reading.isComplete) throw damaged(folder, `${files.snapshot.path} ends before its content does`);
    records += reading.records;
  }
  let last: LogReading | undefined;
  const metas = [files.snapshot?.meta];
  let droppedBytes = 0;
  let allLogBytes = 0;
  for (const file of files.logs) {
    last = readLog(data, file);
    metas.push(last.meta);
    records += last.records;
    allLogBytes += last.validBytes;
    for (const flaw of last.flaws) {
      if (!flaw.isTornTail || !file.isNewest) throw damaged(folder, flawText(file, flaw));
      droppedBytes += flaw.bytes;
    }
  }
  return { records, droppedBytes, ...endOf(files, last, metas, droppedBytes), allLogBytes };
}

function endOf(
  { manifest, snapshot, logs, emptyLog }: FolderFiles,
  last: LogReading | undefined,
  metas: readonly (FileMeta | undefined)[],
  droppedBytes: number,
): Omit<Recovered, 'records' | 'droppedBytes' | 'allLogBytes'> {
  const isCopy = manifest?.isCopy === true;
  // A start that ended before its first record changed nothing. If the manifest contains its generation, the record was
  // written and is lost.
  const isLastLost = emptyLog !== undefined && !((manifest?.generation ?? Infinity) < emptyLog.generation);
  const isFirst = last === undefined && snapshot === undefined && emptyLog === undefined;
  // The original of a copy continues to count lives, so the copy must not use the same ones.
  const jump = isCopy || (isLastLost && manifest === undefined) ? Math.floor(Math.random() * maxLifeJump) : 0;
  return {
    // An empty log may be the only one after a snapshot: generations below the snapshot would be ignored at the next
    // start.
    generation: emptyLog === undefined ? (logs.at(-1)?.generation ?? 0) : emptyLog.generation - 1,
    logBytes: last?.validBytes ?? 0,
    snapshotBytes: snapshot?.bytes ?? 0,
    life: Math.max(0, manifest?.life ?? 0, ...metas.map((meta) => meta?.life ?? 0)) + jump,
    streamLife: metas.reduce((life, meta) => meta?.streamLife ?? life, 0),
    wasClosed: isFirst || (!isCopy && !isLastLost && last?.isClosed === true && droppedBytes === 0),
    emptyLog: emptyLog?.path,
  };
}

/** A record that is complete but cannot be used. */
export interface UnusableRecord {
  readonly at: number;
  readonly reason: string;
}

export interface LenientReading extends FileReading {
  /** Empty unless the file was read leniently. */
  readonly unusable: readonly UnusableRecord[];
}

export interface SnapshotReading extends LenientReading {
  readonly isComplete: boolean;
}

/** Reads a snapshot into the data. With `isLenient`, skips unreadable records. */
export function readSnapshot(data: KeptData, file: StoreFile, options: ReadOptions = {}): SnapshotReading {
  let isComplete = false as boolean;
  const reading = readInto(file, options, (kind, content) => {
    if (kind === recordKinds.snapshotEnd) isComplete = true;
    else if (kind === recordKinds.effects) applyEffects(data, content, options.isLenient === true);
    else if (kind !== recordKinds.meta && !takeState(data, kind, content)) throw unknownKind(kind);
  });
  return { ...reading, isComplete };
}

export interface LogReading extends LenientReading {
  /** Whether the last record marks a clean close. */
  readonly isClosed: boolean;
  /** The last metadata record of the log. */
  readonly meta: FileMeta | undefined;
}

/** Reads a log into the data. With `isLenient`, skips unreadable records. */
export function readLog(data: KeptData, file: StoreFile, options: ReadOptions = {}): LogReading {
  let isClosed = false as boolean;
  let meta: FileMeta | undefined;
  const reading = readInto(file, options, (kind, content) => {
    isClosed = kind === recordKinds.cleanEnd;
    if (kind === recordKinds.effects) applyEffects(data, content, options.isLenient === true);
    else if (kind === recordKinds.meta) meta = readMeta(content);
    else if (kind !== recordKinds.cleanEnd && !takeState(data, kind, content)) throw unknownKind(kind);
  });
  return { ...reading, isClosed, meta };
}

function readInto(file: StoreFile, options: ReadOptions, take: TakeRecord): LenientReading {
  const unusable: UnusableRecord[] = [];
  const reading = readRecordFile(
    file.path,
    (kind, content, at) => {
      try {
        take(kind, content, at);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (options.isLenient !== true) {
          throw new StartError(`${file.path} holds a record at byte ${at} that cannot be used: ${reason}`, undefined, {
            cause: error,
          });
        }
        unusable.push({ at, reason });
      }
    },
    { ...options, ...(file.end !== undefined && { end: file.end }) },
  );
  return { ...reading, unusable };
}

function unknownKind(kind: number): Error {
  return new Error(`there is no record of kind ${kind}`);
}

/** Describes the damage of a file. */
export function flawText({ path }: StoreFile, { at, bytes, record }: FileReading['flaws'][number]): string {
  return `${path} is damaged at byte ${at} (record ${record}, ${bytes} bytes)`;
}

function damaged(folder: string, problem: string): StartError {
  return new StartError(`${problem}. The store does not start, so that nothing readable is lost`, {
    remedy: `Restore the folder from a backup, or see \`ndata-store check ${folder}\` and \`ndata-store repair ${folder}\`.`,
  });
}
