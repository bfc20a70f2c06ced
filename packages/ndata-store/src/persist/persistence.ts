import { Buffer } from 'node:buffer';
import { rmSync } from 'node:fs';
import { StoreError } from 'sc-protocol';
import type { Journal, JournalEntry, StoreCore } from '../core/store-core.js';
import { lockFolder } from './folder-lock.js';
import { LogFile } from './log-file.js';
import type { PersistOptions } from './options.js';
import { encodeRecord, recordKinds } from './records.js';
import { generationsOf, logPath, recover, snapshotPath } from './recovery.js';
import type { RecoveryReport } from './recovery.js';
import { Snapshot } from './snapshot.js';
import { metaRecord } from './state-records.js';

/**
 * Keeps a store in a folder: a snapshot and the log of writes behind it, both numbered. When the log has grown, a new
 * one begins, a snapshot of that moment is written beside it, and then the older files go.
 */
export class Persistence implements Journal {
  readonly report: RecoveryReport;
  readonly #core: StoreCore;
  readonly #options: Required<PersistOptions>;
  readonly #onError: (error: Error) => void;
  readonly #unlock: () => void;
  #generation: number;
  #log: LogFile;
  #snapshotBytes: number;
  #compaction: Promise<void> | undefined;
  #previousLog: Promise<void> = Promise.resolve();

  /** Reads the folder into the store, and keeps its writes from then on. Throws `StartError`. */
  constructor(core: StoreCore, options: Required<PersistOptions>, onError: (error: Error) => void) {
    this.#core = core;
    this.#options = options;
    this.#onError = onError;
    this.#unlock = lockFolder(options.folder);
    try {
      const { records, droppedBytes, generation, snapshotBytes } = recover(core, options.folder);
      this.report = { records, droppedBytes };
      this.#generation = generation + 1;
      this.#snapshotBytes = snapshotBytes;
      this.#log = this.#openLog();
    } catch (error) {
      this.#unlock();
      throw error;
    }
    core.journal = this;
  }

  append(time: number, entries: readonly JournalEntry[]): void {
    const parts: Buffer[] = [Buffer.allocUnsafe(8)];
    parts[0]?.writeDoubleLE(time);
    for (const { code, body } of entries) {
      const head = Buffer.allocUnsafe(5);
      head[0] = code;
      head.writeUInt32LE(body.length, 1);
      parts.push(head, body);
    }
    this.#log.append(encodeRecord(recordKinds.writes, ...parts));
    const { compactBytes } = this.#options;
    if (this.#log.bytes > Math.max(compactBytes, this.#snapshotBytes * 2)) void this.compact();
  }

  whenDurable(): Promise<void> | undefined {
    return this.#options.fsync === 'always' ? this.#log.whenSafe().catch(throwReadOnly) : undefined;
  }

  /** Replaces the log by a snapshot. Resolves when the older files are gone. */
  compact(): Promise<void> {
    this.#compaction ??= this.#compact().finally(() => (this.#compaction = undefined));
    return this.#compaction;
  }

  async close(): Promise<void> {
    this.#core.journal = undefined;
    await this.#compaction;
    await this.#previousLog;
    await this.#log.close();
    this.#unlock();
  }

  async #compact(): Promise<void> {
    const { folder } = this.#options;
    const generation = ++this.#generation;
    const before = this.#log;
    this.#previousLog = before.close();
    this.#log = this.#openLog();
    try {
      this.#snapshotBytes = await new Snapshot(this.#core).write(snapshotPath(folder, generation));
      await this.#previousLog;
      for (const each of generationsOf(folder, 'log')) if (each < generation) rmSync(logPath(folder, each));
      for (const each of generationsOf(folder, 'snapshot')) if (each < generation) rmSync(snapshotPath(folder, each));
    } catch (error) {
      // Nothing is lost: the older files and the new log together say all.
      this.#onError(new StoreError('The snapshot could not be written', undefined, { cause: error }));
    }
  }

  #openLog(): LogFile {
    const path = logPath(this.#options.folder, this.#generation);
    const log = new LogFile(path, this.#options.fsync, this.#previousLog, (error) => this.#failed(error));
    // A log without a snapshot before it says itself whose epochs these are.
    log.append(metaRecord(this.#core));
    return log;
  }

  #failed(cause: Error): void {
    const error = readOnlyError(cause);
    this.#core.readOnly = error;
    this.#onError(error);
  }
}

function throwReadOnly(cause: unknown): never {
  throw readOnlyError(cause);
}

function readOnlyError(cause: unknown): StoreError {
  return new StoreError('The store is read-only: its log cannot be written', undefined, {
    cause,
    remedy: 'Make room on the disk, then restart the store.',
  });
}
