import { Buffer } from 'node:buffer';
import { rmSync } from 'node:fs';
import { StoreError } from 'sc-protocol';
import type { Journal, JournalEntry, StoreCore } from '../core/store-core.js';
import { lockFolder } from './folder-lock.js';
import { LogWriter } from './log-writer.js';
import type { PersistOptions } from './options.js';
import { encodeRecord, recordKinds } from './records.js';
import { generationsOf, logPath, recover, snapshotPath } from './recovery.js';
import type { RecoveryReport } from './recovery.js';
import { Snapshot } from './snapshot.js';
import { metaRecord } from './state-records.js';

/** What the files tell the store's owner. */
export interface PersistenceOwner {
  failed(error: Error): void;
  /** The store must not change until `writable`. */
  readOnly(error: Error): void;
  writable(): void;
}

/**
 * Keeps a store in a folder: a snapshot and the log of writes behind it, both numbered. When the log has grown, a new
 * one begins, a snapshot of that moment is written beside it, and then the older files go.
 */
export class Persistence implements Journal {
  readonly report: RecoveryReport;
  readonly #core: StoreCore;
  readonly #options: Required<PersistOptions>;
  readonly #owner: PersistenceOwner;
  readonly #unlock: () => void;
  #generation: number;
  readonly #log: LogWriter;
  #snapshotBytes: number;
  /** Where the log stood when no snapshot could be made of it. */
  #skippedBytes = 0;
  #compaction: Promise<void> | undefined;

  /** Reads the folder into the store, and keeps its writes from then on. Throws `StartError`. */
  constructor(core: StoreCore, options: Required<PersistOptions>, owner: PersistenceOwner) {
    this.#core = core;
    this.#options = options;
    this.#owner = owner;
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
    const grownBytes = this.#log.bytes - this.#skippedBytes;
    const isDue = grownBytes > Math.max(this.#options.compactBytes, this.#snapshotBytes * 2);
    if (isDue && this.#core.readOnly === undefined) void this.compact();
  }

  whenDurable(): Promise<void> | undefined {
    return this.#options.fsync === 'always' ? this.#log.whenSafe().catch(throwReadOnly) : undefined;
  }

  /** Replaces the log by a snapshot. Resolves when the older files are gone. */
  compact(): Promise<void> {
    this.#compaction ??= this.#compact().finally(() => (this.#compaction = undefined));
    return this.#compaction;
  }

  /** Rejects when something could not be written. */
  async close(): Promise<void> {
    this.#core.journal = undefined;
    try {
      await this.#compaction;
      await this.#log.close();
    } catch (error) {
      throw readOnlyError(error as Error, true);
    } finally {
      this.#unlock();
    }
  }

  async #compact(): Promise<void> {
    if (this.#core.readOnly !== undefined) throw this.#core.readOnly;
    const { folder } = this.#options;
    const generation = this.#generation + 1;
    try {
      this.#log.rotate(logPath(folder, generation));
      this.#generation = generation;
      this.#skippedBytes = 0;
      this.#log.append(metaRecord(this.#core));
      this.#snapshotBytes = await new Snapshot(this.#core).write(snapshotPath(folder, generation));
      await this.#log.whenSafe();
      for (const each of generationsOf(folder, 'log')) if (each < generation) rmSync(logPath(folder, each));
      for (const each of generationsOf(folder, 'snapshot')) if (each < generation) rmSync(snapshotPath(folder, each));
    } catch (error) {
      // Nothing is lost: the older files and the newest log together say all.
      this.#skippedBytes = this.#log.bytes;
      this.#owner.failed(new StoreError('The snapshot could not be written', undefined, { cause: error }));
    }
  }

  #openLog(): LogWriter {
    const log = new LogWriter({
      path: logPath(this.#options.folder, this.#generation),
      fsync: this.#options.fsync,
      onFail: (cause, isFinal) => {
        const error = readOnlyError(cause, isFinal);
        this.#core.readOnly = error;
        this.#owner.readOnly(error);
      },
      onRecover: () => {
        this.#core.readOnly = undefined;
        this.#owner.writable();
      },
    });
    // A log without a snapshot before it says itself whose epochs these are.
    log.append(metaRecord(this.#core));
    return log;
  }
}

function throwReadOnly(cause: unknown): never {
  throw readOnlyError(cause as Error, false);
}

function readOnlyError(cause: Error, isFinal: boolean): StoreError {
  const reason = (cause as NodeJS.ErrnoException).code ?? cause.message;
  const remedy = isFinal ? 'Check the disk, then restart the store.' : 'Make room on the disk; the store then goes on.';
  return new StoreError(`The store is read-only: its log cannot be written (${reason})`, { remedy }, { cause });
}
