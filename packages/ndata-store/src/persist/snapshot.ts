import { Buffer } from 'node:buffer';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ChangeObserver, Changes } from '../data/changes.js';
import type { KeptData } from './apply-effects.js';
import { syncFolder } from './folder-files.js';
import { encodeRecord, fileHeader, recordKinds } from './records.js';
import { expiriesContent, metaContent, placeContent, rootContent, streamContent } from './state-records.js';
import type { FileMeta } from './state-records.js';

/** Bytes that are collected before they are written, and others have their turn. */
const batchBytes = 256 * 1024;

/**
 * Writes the state of the present moment to a file, while the store goes on. A root key that is about to change is
 * written before it does, and its place in the order later.
 */
export class Snapshot implements ChangeObserver {
  readonly #data: KeptData;
  readonly #changes: Changes;
  /** The root keys of the moment, in their order. */
  readonly #order: readonly string[];
  readonly #expiryRoots: readonly string[];
  readonly #channels: readonly string[];
  /** Written before their turn, or made after the moment. */
  readonly #early = new Set<string>();
  readonly #written = new Set<string>();
  readonly #writtenChannels = new Set<string>();
  #parts: Buffer[] = [fileHeader];
  #collected = 0;
  #records = 0;
  #bytes = 0;

  /** The moment is now. */
  constructor(data: KeptData, changes: Changes, meta: FileMeta) {
    this.#data = data;
    this.#changes = changes;
    this.#order = [...data.tree.root.keys()];
    this.#expiryRoots = data.expiry.roots();
    this.#channels = data.streams.channels();
    this.#add(recordKinds.meta, metaContent(meta));
    changes.observe(this);
  }

  /** Resolves with the file's size when it is complete and stands under its name. `check` throws when it may not. */
  async write(path: string, check: () => Promise<void> | void = () => undefined): Promise<number> {
    const temporary = `${path}.tmp`;
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        await this.#writeState(file);
        this.#add(recordKinds.snapshotEnd, Buffer.alloc(0));
        await this.#flush(file);
        await file.sync();
      } finally {
        await file.close();
      }
      await check();
      await rename(temporary, path);
    } catch (error) {
      // Half a snapshot is of no use, and room on the disk may be what is missing.
      await rm(temporary, { force: true });
      throw error;
    } finally {
      this.#changes.unobserve(this);
    }
    await syncFolder(dirname(path));
    return this.#bytes;
  }

  beforeWrite(root: string | undefined): void {
    if (root === undefined) {
      for (const each of [...this.#data.tree.root.keys(), ...this.#data.expiry.roots()]) this.beforeWrite(each);
      return;
    }
    if (this.#written.has(root)) return;
    this.#written.add(root);
    const node = this.#data.tree.root.get(root);
    if (node !== undefined) {
      this.#early.add(root);
      this.#add(recordKinds.earlyRoot, rootContent(root, node));
    }
    this.#addExpiries(root);
  }

  beforeRemoval(): void {
    // Written by `beforeWrite`; its place is in the order of the moment.
  }

  beforeStreamWrite(channel: string): void {
    if (this.#writtenChannels.has(channel)) return;
    this.#writtenChannels.add(channel);
    const stream = this.#data.streams.get(channel);
    if (stream !== undefined) this.#add(recordKinds.stream, streamContent(channel, stream));
  }

  async #writeState(file: FileHandle): Promise<void> {
    for (const root of this.#order) {
      this.#addRoot(root);
      if (this.#collected > batchBytes) await this.#flush(file);
    }
    for (const root of this.#expiryRoots) {
      // Chains may expire that do not exist.
      if (this.#written.has(root)) continue;
      this.#written.add(root);
      this.#addExpiries(root);
    }
    for (const channel of this.#channels) {
      this.beforeStreamWrite(channel);
      if (this.#collected > batchBytes) await this.#flush(file);
    }
  }

  #addRoot(root: string): void {
    if (this.#early.has(root)) {
      this.#add(recordKinds.place, placeContent(root));
      return;
    }
    const node = this.#data.tree.root.get(root);
    // A root key that is gone or new was told of before it was.
    if (node === undefined || this.#written.has(root)) return;
    this.#written.add(root);
    this.#add(recordKinds.root, rootContent(root, node));
    this.#addExpiries(root);
  }

  #addExpiries(root: string): void {
    const entries = this.#data.expiry.entriesOf(root);
    if (entries.length > 0) this.#add(recordKinds.expiries, expiriesContent(entries));
  }

  #add(kind: number, content: Uint8Array): void {
    const record = encodeRecord(this.#records++, kind, content);
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
