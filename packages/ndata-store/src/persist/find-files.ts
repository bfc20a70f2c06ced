import { existsSync, statSync } from 'node:fs';
import { generationsOf, logPath, readManifest, snapshotPath } from './folder-files.js';
import type { Manifest } from './folder-files.js';
import { isBlank, readFirstRecord } from './record-file.js';
import { recordKinds } from './records.js';
import { readMeta } from './state-records.js';
import type { FileMeta } from './state-records.js';

/** A snapshot or a log that is part of the store's state. */
export interface StoreFile {
  readonly kind: 'log' | 'snapshot';
  readonly generation: number;
  readonly path: string;
  readonly bytes: number;
  readonly meta: FileMeta | undefined;
  /** Size of the log when the next log was started. Later bytes are ignored. */
  readonly end: number | undefined;
  /** Whether it is the last log. Only the last log may end with a torn write. */
  readonly isNewest: boolean;
}

/** The files that together hold the store's state. */
export interface FolderFiles {
  readonly manifest: Manifest | undefined;
  readonly snapshot: StoreFile | undefined;
  /** The logs after the snapshot, oldest first. */
  readonly logs: readonly StoreFile[];
  /** A log created by a start that ended before its first record was written. */
  readonly emptyLog: { readonly generation: number; readonly path: string; readonly bytes: number } | undefined;
  /** Files that are missing or truncated. */
  readonly problems: readonly string[];
}

/** Finds the newest snapshot and the logs after it, and detects missing files. */
export function findFiles(folder: string, isLenient = false): FolderFiles {
  const manifest = readManifest(folder);
  const base = generationsOf(folder, 'snapshot').at(-1);
  const generations = generationsOf(folder, 'log').filter((each) => each >= (base ?? 0));
  const metas = generations.map((each) => firstMeta(logPath(folder, each), isLenient));
  const problems: string[] = [];
  const newest = generations.at(-1);
  const isEmpty = newest !== undefined && metas.at(-1) === undefined && isBlank(logPath(folder, newest));
  const emptyLog = isEmpty
    ? { generation: newest, path: logPath(folder, newest), bytes: statSync(logPath(folder, newest)).size }
    : undefined;
  const counted = isEmpty ? generations.slice(0, -1) : generations;
  const logs = counted.map((generation, i): StoreFile => {
    const path = logPath(folder, generation);
    const { size } = statSync(path);
    const previous = metas[i + 1]?.previous;
    const end = previous?.generation === generation ? previous.bytes : undefined;
    if (end !== undefined && size < end)
      problems.push(`${path} has ${size} bytes, and had ${end} when it was completed`);
    return { kind: 'log', generation, path, bytes: size, meta: metas[i], end, isNewest: i === counted.length - 1 };
  });
  problems.push(...missing(folder, base, generations, manifest));
  return {
    manifest,
    snapshot: base === undefined ? undefined : snapshotFile(folder, base, isLenient),
    logs,
    emptyLog,
    problems,
  };
}

/** Detects missing files by gaps in the generations. */
function missing(
  folder: string,
  base: number | undefined,
  generations: readonly number[],
  manifest: Manifest | undefined,
): string[] {
  const first = base ?? 1;
  const last = Math.max(generations.at(-1) ?? 0, manifest?.generation ?? 0, base ?? 0);
  const lowest = generations[0];
  if (base === undefined && lowest !== undefined && lowest > 1) {
    return [`${snapshotPath(folder, lowest)} or ${logPath(folder, lowest - 1)} is missing`];
  }
  const problems: string[] = [];
  for (let each = first; each <= last; each++) {
    if (!generations.includes(each)) problems.push(`${logPath(folder, each)} is missing`);
  }
  return problems;
}

function snapshotFile(folder: string, generation: number, isLenient: boolean): StoreFile {
  const path = snapshotPath(folder, generation);
  const meta = firstMeta(path, isLenient);
  return { kind: 'snapshot', generation, path, bytes: statSync(path).size, meta, end: undefined, isNewest: false };
}

function firstMeta(path: string, isLenient: boolean): FileMeta | undefined {
  const record = existsSync(path) ? readFirstRecord(path, isLenient) : undefined;
  return record?.kind === recordKinds.meta ? readMeta(record.content) : undefined;
}
