import { Buffer } from 'node:buffer';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StoreCore, WriteObserver } from '../core/store-core.js';
import { encodeRecord, fileHeader, recordKinds } from './records.js';
import { metaRecord, rootRecords, streamRecord } from './state-records.js';

/** Bytes that are collected before they are written, and others have their turn. */
const batchBytes = 256 * 1024;

/**
 * Writes the state of the present moment to a file, while the store goes on. What is about to change is written before
 * it does; a key that is written twice was the same both times.
 */
export class Snapshot implements WriteObserver {
  readonly #core: StoreCore;
  /** Changed since the moment: written, or not part of it. */
  readonly #roots = new Set<string>();
  readonly #channels = new Set<string>();
  #parts: Buffer[];
  #collected = 0;
  #bytes = 0;

  /** The moment is now. */
  constructor(core: StoreCore) {
    this.#core = core;
    this.#parts = [fileHeader, metaRecord(core)];
    core.observers.add(this);
  }

  /** Resolves with the file's size when it is complete and stands under its name. */
  async write(path: string): Promise<number> {
    const temporary = `${path}.tmp`;
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        await this.#writeState(file);
        this.#add(encodeRecord(recordKinds.end));
        await this.#flush(file);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      // Half a snapshot helps nobody, and room on the disk may be what is missing.
      await rm(temporary, { force: true });
      throw error;
    } finally {
      this.#core.observers.delete(this);
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return this.#bytes;
  }

  beforeWrite(root: string | undefined): void {
    if (root === undefined) {
      for (const each of [...this.#core.tree.root.keys(), ...this.#core.expiry.roots()]) this.beforeWrite(each);
      return;
    }
    if (this.#roots.has(root)) return;
    this.#roots.add(root);
    this.#addRoot(root);
  }

  beforeStreamWrite(channel: string): void {
    if (this.#channels.has(channel)) return;
    this.#channels.add(channel);
    const stream = this.#core.streams.get(channel);
    if (stream !== undefined) this.#add(streamRecord(channel, stream));
  }

  async #writeState(file: FileHandle): Promise<void> {
    // An iterator of a Map goes on through changes: what was added comes too, and is known as changed.
    for (const root of this.#core.tree.root.keys()) {
      if (!this.#roots.has(root)) this.#addRoot(root);
      if (this.#collected > batchBytes) await this.#flush(file);
    }
    for (const root of this.#core.expiry.roots()) {
      if (!this.#roots.has(root) && !this.#core.tree.root.has(root)) this.#addRoot(root);
    }
    for (const channel of this.#core.streams.channels()) {
      this.beforeStreamWrite(channel);
      if (this.#collected > batchBytes) await this.#flush(file);
    }
  }

  #addRoot(root: string): void {
    for (const record of rootRecords(this.#core, root)) this.#add(record);
  }

  #add(record: Buffer): void {
    this.#parts.push(record);
    this.#collected += record.length;
  }

  async #flush(file: FileHandle): Promise<void> {
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#collected = 0;
    this.#bytes += bytes.length;
    await file.writeFile(bytes);
  }
}

/** Makes a rename last. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
