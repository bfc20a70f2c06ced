import { renameSync, rmSync, statSync } from 'node:fs';
import { ResourceLimitError, StartError, StoreError } from 'sc-protocol';
import type { Journal } from '../core/command.js';
import type { StoreCore } from '../core/store-core.js';
import { EffectRecorder, StreamEffects } from './effect-recorder.js';
import { generationsOf, logPath, snapshotPath, syncFolder, writeManifest } from './folder-files.js';
import { FolderLock } from './folder-lock.js';
import { LogWriter } from './log-writer.js';
import type { ResolvedPersistOptions } from './options.js';
import { recordKinds } from './records.js';
import { maxLifeJump, recover } from './recovery.js';
import type { Recovered, RecoveryReport } from './recovery.js';
import { Snapshot } from './snapshot.js';
import { metaContent, stateOfStream, streamContent } from './state-records.js';
import type { FileMeta } from './state-records.js';

/** The interface through which persistence notifies its owner. */
export interface PersistenceOwner {
  failed(error: Error): void;
  /** The store is read-only until `writable`. */
  readOnly(error: Error): void;
  writable(): void;
}

/** Maximum bytes of log waiting for a slow disk. Beyond it, writes are rejected. */
const maxPendingBytes = 64 * 1024 * 1024;

/**
 * Persists a store in a folder: a snapshot and the log of effects after it, both numbered by generation. When the log
 * has grown, compaction starts a new log, writes a snapshot of that moment, and then removes the older files.
 */
export class Persistence implements Journal {
  readonly report: RecoveryReport;
  readonly #core: StoreCore;
  readonly #options: ResolvedPersistOptions;
  readonly #owner: PersistenceOwner;
  readonly #lock: FolderLock;
  readonly #recorder = new EffectRecorder();
  #life: number;
  readonly #log: LogWriter;
  #generation: number;
  /** Bytes of the logs of earlier starts after the snapshot. */
  #earlierBytes: number;
  #snapshotBytes: number;
  /** Size of the log at the last failed compaction. */
  #skippedBytes = 0;
  #compaction: Promise<void> | undefined;

  /** Restores the store from the folder, and persists its changes from then on. Throws `StartError`. */
  constructor(core: StoreCore, options: ResolvedPersistOptions, owner: PersistenceOwner) {
    this.#core = core;
    this.#options = options;
    this.#owner = owner;
    this.#lock = new FolderLock(options.folder, { onLost: (error) => this.#log.abandon(error) });
    try {
      const recovered = recover(core, options.folder);
      if (!this.#keepsKeys && core.tree.root.size > 0) throw holdsKeys(options.folder);
      const { records, droppedBytes, wasClosed } = recovered;
      this.report = { records, droppedBytes, wasClosed };
      this.#generation = recovered.generation + 1;
      this.#earlierBytes = recovered.allLogBytes;
      this.#snapshotBytes = recovered.snapshotBytes;
      this.#life = recovered.life + 1;
      core.streams.begin(wasClosed && recovered.streamLife > 0 ? recovered.streamLife : this.#life, core.now());
      this.#log = this.#openLog(recovered);
    } catch (error) {
      this.#lock.release();
      throw error;
    }
    core.journal = this;
    core.changes.log = this.#keepsKeys ? this.#recorder : new StreamEffects(this.#recorder);
    this.#compactIfDue();
  }

  get sequence(): number {
    return this.#log.sequence;
  }

  get #keepsKeys(): boolean {
    return this.#options.content === 'all';
  }

  /** Hot path. */
  get isPending(): boolean {
    return this.#log.isPending;
  }

  get pendingBytes(): number {
    return this.#log.pendingBytes;
  }

  /** Hot path. */
  commit(): void {
    if (this.#recorder.isEmpty) return;
    this.#log.append(recordKinds.effects, this.#recorder.bytes());
    this.#recorder.reset();
    this.#compactIfDue();
  }

  discard(): void {
    this.#recorder.reset();
  }

  admit(): void {
    if (this.#log.pendingBytes <= maxPendingBytes) return;
    throw new ResourceLimitError(`The log is too slow: ${maxPendingBytes} bytes wait to be written`, {
      limit: 'pendingLogBytes',
    });
  }

  whenWritten(action: (error?: Error) => void): void {
    this.#log.whenWritten((error) => action(error === undefined ? undefined : this.#writeError(error)));
  }

  #writeError(error: Error): StoreError {
    return this.#keepsKeys ? readOnlyError(error, false) : memoryOnlyError(error);
  }

  /** Replaces the log with a snapshot. Resolves when the older files are removed. */
  compact(): Promise<void> {
    this.#compaction ??= this.#compact().finally(() => (this.#compaction = undefined));
    return this.#compaction;
  }

  /** Writes and flushes the remaining effects, and releases the folder. Rejects if effects could not be written. */
  async close(): Promise<void> {
    this.commit();
    this.#core.journal = undefined;
    this.#core.changes.log = undefined;
    try {
      await this.#compaction;
      this.#log.append(recordKinds.cleanEnd, new Uint8Array());
      await this.#log.close();
    } catch (error) {
      throw readOnlyError(error as Error, true);
    } finally {
      this.#lock.release();
    }
  }

  #compactIfDue(): void {
    const grownBytes = this.#earlierBytes + this.#log.bytes - this.#skippedBytes;
    if (grownBytes <= Math.max(this.#options.compactBytes, this.#snapshotBytes * 2)) return;
    if (this.#core.logFailure === undefined && this.#compaction === undefined) void this.compact();
  }

  async #compact(): Promise<void> {
    if (this.#core.logFailure !== undefined) throw this.#core.logFailure;
    const { folder } = this.#options;
    const generation = this.#generation + 1;
    try {
      this.#lock.check(true);
      const previous = { generation: this.#generation, bytes: this.#log.bytes };
      this.#log.rotate(logPath(folder, generation));
      this.#generation = generation;
      this.#earlierBytes = 0;
      this.#skippedBytes = 0;
      this.#log.append(recordKinds.meta, metaContent(this.#meta(generation, previous)));
      const meta = this.#meta(generation, undefined);
      const snapshot = new Snapshot(this.#core, this.#core.changes, { meta, keepsKeys: this.#keepsKeys });
      this.#snapshotBytes = await snapshot.write(snapshotPath(folder, generation), () => this.#completeLog(generation));
      for (const each of generationsOf(folder, 'log')) if (each < generation) rmSync(logPath(folder, each));
      for (const each of generationsOf(folder, 'snapshot')) if (each < generation) rmSync(snapshotPath(folder, each));
    } catch (error) {
      // No data is lost: the older files and the newest log together are complete.
      this.#skippedBytes = this.#log.bytes;
      this.#owner.failed(new StoreError('The snapshot could not be written', undefined, { cause: error }));
    }
  }

  /**
   * Completes the older logs, and flushes the new log's directory entry, before the snapshot replaces the older logs.
   */
  async #completeLog(generation: number): Promise<void> {
    await this.#log.whenComplete();
    this.#lock.check(true);
    await syncFolder(this.#options.folder);
    writeManifest(this.#options.folder, { version: 2, generation, life: this.#life });
  }

  #openLog({ generation, logBytes, emptyLog }: Recovered): LogWriter {
    const { folder } = this.#options;
    if (emptyLog !== undefined) setAside(emptyLog);
    const log = new LogWriter({
      path: logPath(folder, this.#generation),
      fsync: this.#options.fsync,
      check: () => this.#lock.check(),
      onFail: (cause, isFinal) => this.#failed(cause, isFinal),
      onRecover: () => this.#recovered(),
    });
    const previous = logBytes === 0 ? undefined : { generation, bytes: logBytes };
    log.append(recordKinds.meta, metaContent(this.#meta(this.#generation, previous)));
    try {
      // Flush a life before it is used in a position: otherwise the next start could use the same life again.
      log.writeNow();
      writeManifest(folder, { version: 2, generation: this.#generation, life: this.#life });
    } catch (error) {
      // This life is not flushed: take a random one that no later start reaches.
      this.#life += Math.floor(Math.random() * maxLifeJump);
      this.#core.streams.begin(this.#life, this.#core.now());
      log.append(recordKinds.meta, metaContent(this.#meta(this.#generation, previous)));
      this.#owner.failed(new StoreError('The start could not be written', undefined, { cause: error }));
    }
    return log;
  }

  #meta(generation: number, previous: FileMeta['previous']): FileMeta {
    return {
      generation,
      life: this.#life,
      streamLife: this.#core.streams.life,
      ...(previous !== undefined && { previous }),
      startedAt: new Date(this.#core.now()).toISOString(),
    };
  }

  #failed(cause: Error, isFinal: boolean): void {
    this.#core.logFailures++;
    // History continues in memory. When the log is writable again, changed streams are written in full.
    this.#recorder.changedStreams ??= new Set();
    if (!this.#keepsKeys) {
      this.#core.logFailure = cause instanceof StoreError ? cause : memoryOnlyError(cause);
      this.#owner.failed(this.#core.logFailure);
      return;
    }
    const error = cause instanceof StoreError ? cause : readOnlyError(cause, isFinal);
    this.#core.logFailure = error;
    this.#core.readOnly = error;
    this.#owner.readOnly(error);
  }

  #recovered(): void {
    const channels = this.#recorder.changedStreams ?? [];
    this.#recorder.changedStreams = undefined;
    for (const channel of channels) {
      const stream = this.#core.streams.get(channel);
      this.#log.append(recordKinds.stream, streamContent(channel, stream && stateOfStream(stream)));
    }
    this.#core.logFailure = undefined;
    if (!this.#keepsKeys) return;
    this.#core.readOnly = undefined;
    this.#owner.writable();
  }
}

/**
 * Moves a log without a complete record out of the way. Deletes it if it is small enough to be the rest of a failed
 * start.
 */
function setAside(path: string): void {
  if (statSync(path).size <= 1024) rmSync(path);
  else renameSync(path, `${path}.dropped`);
}

function holdsKeys(folder: string): StartError {
  return new StartError(`${folder} holds keys, and \`persist.content: 'history'\` keeps none`, {
    remedy: "Give the store another folder, or keep `persist.content: 'all'`.",
  });
}

/** The error for a store that does not persist keys, which stays writable. */
function memoryOnlyError(cause: Error): StoreError {
  const reason = (cause as NodeJS.ErrnoException).code ?? cause.message;
  return new StoreError(`History is in memory only: the log cannot be written (${reason})`, undefined, { cause });
}

function readOnlyError(cause: Error, isFinal: boolean): StoreError {
  if (cause instanceof StoreError) return cause;
  const reason = (cause as NodeJS.ErrnoException).code ?? cause.message;
  const remedy = isFinal ? 'Check the disk, then restart the store.' : 'Make room on the disk; the store then goes on.';
  return new StoreError(`The store is read-only: its log cannot be written (${reason})`, { remedy }, { cause });
}
