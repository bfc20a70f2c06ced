import type { Buffer } from 'node:buffer';
import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidFrameError, StartError } from 'sc-protocol';
import { NoCaller } from '../core/caller.js';
import type { StoreCore } from '../core/store-core.js';
import { CommandRequest } from '../wire/request.js';
import { readRecords, recordKinds } from './records.js';
import type { FileReading } from './records.js';
import { restoreState } from './state-records.js';

/** What a store found in its folder. */
export interface RecoveryReport {
  /** Records of the snapshot and of the log behind it. */
  readonly records: number;
  /** Bytes at the end of the log that were no whole record: writes that were cut off, and are lost. */
  readonly droppedBytes: number;
}

export interface Recovered extends RecoveryReport {
  /** The highest number in use. */
  readonly generation: number;
  readonly snapshotBytes: number;
}

export function logPath(folder: string, generation: number): string {
  return join(folder, `log-${generation}.nd`);
}

export function snapshotPath(folder: string, generation: number): string {
  return join(folder, `snapshot-${generation}.nd`);
}

/** The generations of the files there, ascending. */
export function generationsOf(folder: string, kind: 'log' | 'snapshot'): number[] {
  const pattern = new RegExp(`^${kind}-(\\d+)\\.nd$`);
  const numbers = readdirSync(folder).flatMap((name) => pattern.exec(name)?.[1] ?? []);
  return numbers.map(Number).sort((a, b) => a - b);
}

/** Brings the store to where its files end. Rejects files that are damaged anywhere but at the very end of the log. */
export function recover(core: StoreCore, folder: string): Recovered {
  for (const name of readdirSync(folder)) if (name.endsWith('.tmp')) rmSync(join(folder, name));
  const base = generationsOf(folder, 'snapshot').at(-1) ?? 0;
  const logs = generationsOf(folder, 'log').filter((generation) => generation >= base);
  const snapshot = base === 0 ? undefined : readSnapshot(core, snapshotPath(folder, base));
  let records = snapshot?.records ?? 0;
  let droppedBytes = 0;
  let damaged: string | undefined;
  for (const generation of logs) {
    const path = logPath(folder, generation);
    const reading = readLog(core, path);
    if (damaged !== undefined && reading.records > 0) {
      throw new StartError(`${damaged} is damaged, and there is a later log: restore the folder from a copy`);
    }
    records += reading.records;
    if (reading.droppedBytes > 0) {
      damaged = path;
      droppedBytes += reading.droppedBytes;
    }
  }
  // Only now, when it is known that nothing is lost by it.
  if (damaged !== undefined) cutOff(damaged);
  return {
    records,
    droppedBytes,
    generation: Math.max(base, logs.at(-1) ?? 0),
    snapshotBytes: snapshot?.validBytes ?? 0,
  };
}

function cutOff(path: string): void {
  const { validBytes } = readRecords(path, () => undefined);
  truncateSync(path, validBytes);
}

function readSnapshot(core: StoreCore, path: string): FileReading {
  let isComplete = false as boolean;
  const reading = readRecords(path, (kind, content) => {
    if (kind === recordKinds.end) isComplete = true;
    else restoreState(core, kind, content);
  });
  if (!isComplete) throw new StartError(`${path} is damaged: restore the folder from a copy`);
  return reading;
}

function readLog(core: StoreCore, path: string): FileReading {
  try {
    return readRecords(path, (kind, content) => {
      if (kind === recordKinds.writes) writeAgain(core, content);
      else restoreState(core, kind, content);
    });
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${path} holds writes that cannot be done again`, undefined, { cause: error });
  } finally {
    core.replayTime = undefined;
  }
}

function writeAgain(core: StoreCore, content: Buffer): void {
  core.replayTime = content.readDoubleLE(0);
  const request = new CommandRequest();
  const nobody = new NoCaller();
  for (let at = 8; at < content.length;) {
    const command = core.commands.byCode[content.readUInt8(at)];
    const bodyStart = at + 5;
    at = bodyStart + content.readUInt32LE(at + 1);
    if (command === undefined) throw new InvalidFrameError('A write of the log is unknown', { field: 'code' });
    request.read(content, bodyStart, at);
    void core.execute(command, request, nobody);
  }
}
