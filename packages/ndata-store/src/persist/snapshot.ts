import { Buffer } from 'node:buffer';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Changes } from '../data/changes.js';
import type { ExpiryEntry, ExpiryNode } from '../data/expiry-heap.js';
import type { StreamEntry } from '../data/stream.js';
import type { Branch, TreeNode } from '../data/tree-node.js';
import { ListBranch, MapBranch } from '../data/tree-node.js';
import type { KeptData } from './apply-effects.js';
import { ByteWriter } from './bytes.js';
import { EffectRecorder, effectCodes } from './effect-recorder.js';
import { syncFolder } from './folder-files.js';
import { FrozenData } from './frozen-data.js';
import { writeNode } from './node-codec.js';
import { encodeRecord, fileHeader, recordKinds } from './records.js';
import { expiriesContent, metaContent, streamContent } from './state-records.js';
import type { FileMeta } from './state-records.js';

/** Bytes collected before a write, during which other work can run. */
const batchBytes = 256 * 1024;
/** Target size of a record. A branch up to this size is written as one value. */
const recordBytes = 64 * 1024;
/** Expiries per record. */
const recordExpiries = 1000;

export interface SnapshotOptions {
  readonly meta: FileMeta;
  /** Whether the snapshot contains keys and expiries, or only streams. */
  readonly keepsKeys: boolean;
}

/** Writes the current state to a file, in slices, while the store continues to run. */
export class Snapshot {
  readonly #frozen: FrozenData;
  readonly #keepsKeys: boolean;
  /** Effects of the next record. Applied to an empty store, all effects together create the state. */
  readonly #effects = new ByteWriter();
  #parts: Buffer[] = [fileHeader];
  #collected = 0;
  #records = 0;
  #bytes = 0;

  /** Freezes the state as of now. */
  constructor(data: KeptData, changes: Changes, { meta, keepsKeys }: SnapshotOptions) {
    this.#frozen = new FrozenData(data, changes);
    this.#keepsKeys = keepsKeys;
    this.#add(recordKinds.meta, metaContent(meta));
  }

  /** Resolves with the file's size when it is complete and renamed. `check` throws if the rename is not allowed. */
  async write(path: string, check: () => Promise<void> | void = () => undefined): Promise<number> {
    const temporary = `${path}.tmp`;
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        const slices = this.#slices();
        while (slices.next().done !== true) await this.#flush(file);
        this.#add(recordKinds.snapshotEnd, Buffer.alloc(0));
        await this.#flush(file);
        await file.sync();
      } finally {
        await file.close();
      }
      await check();
      await rename(temporary, path);
    } catch (error) {
      // Remove the partial snapshot: it is useless, and the disk may be full.
      await rm(temporary, { force: true });
      throw error;
    } finally {
      this.#frozen.end();
    }
    await syncFolder(dirname(path));
    return this.#bytes;
  }

  /** Collects the state, and yields whenever there is enough for a write. */
  *#slices(): Generator<void, void> {
    if (this.#keepsKeys) yield* this.#keys();
    for (const channel of this.#frozen.channels) yield* this.#stream(channel);
  }

  *#keys(): Generator<void, void> {
    yield* this.#children([], this.#frozen.top);
    this.#endRecord();
    const waiting: ExpiryEntry[] = [];
    yield* this.#expiries(this.#frozen.expiries, waiting);
    if (waiting.length > 0) this.#add(recordKinds.expiries, expiriesContent(waiting));
  }

  /** The content of a branch, child by child. */
  *#children(keys: readonly string[], branch: Branch): Generator<void, void> {
    const frozen = this.#frozen.takeBranch(branch);
    for (let i = 0; i < frozen.nodes.length; i++) {
      const node = frozen.nodes[i];
      if (node === undefined) continue;
      const chain = [...keys, frozen.keys?.[i] ?? String(i)];
      if (typeof node === 'string' || this.#frozen.bytesOf(node) <= recordBytes) {
        this.#set(chain, node);
      } else {
        this.#set(chain, emptyLike(node));
        yield* this.#children(chain, node);
      }
      if (this.#effects.length > recordBytes) this.#endRecord();
      if (this.#collected > batchBytes) yield;
    }
  }

  #set(keys: readonly string[], node: TreeNode): void {
    this.#effects.uint8(effectCodes.set);
    this.#effects.keys(keys);
    writeNode(this.#effects, node, (branch) => this.#frozen.takeBranch(branch));
  }

  *#expiries(node: ExpiryNode, waiting: ExpiryEntry[]): Generator<void, void> {
    const { entry, children } = this.#frozen.takeExpiry(node);
    if (entry !== undefined) waiting.push(entry);
    for (const child of children) {
      yield* this.#expiries(child, waiting);
      if (waiting.length >= recordExpiries) this.#add(recordKinds.expiries, expiriesContent(waiting.splice(0)));
      if (this.#collected > batchBytes) yield;
    }
  }

  /** Writes a stream as one record. The remaining entries of a large stream follow as effects. */
  *#stream(channel: string): Generator<void, void> {
    const state = this.#frozen.takeStream(channel);
    if (state === undefined) return;
    const { entries, top } = state;
    let end = takeEntries(entries, 0);
    const first = top - entries.length + 1;
    this.#add(
      recordKinds.stream,
      streamContent(channel, { ...state, top: top - entries.length + end, entries: entries.slice(0, end) }),
    );
    const recorder = new EffectRecorder();
    while (end < entries.length) {
      const from = end;
      end = takeEntries(entries, from);
      for (const entry of entries.slice(from, end)) recorder.append(channel, entry, first, undefined);
      this.#add(recordKinds.effects, recorder.bytes());
      recorder.reset();
      if (this.#collected > batchBytes) yield;
    }
    if (this.#collected > batchBytes) yield;
  }

  #endRecord(): void {
    if (this.#effects.length > 0) this.#add(recordKinds.effects, this.#effects.bytes());
    this.#effects.clear();
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

/** An empty branch of the same kind. */
function emptyLike(branch: Branch): Branch {
  return branch.isList ? new ListBranch() : new MapBranch(new Map(), branch.wasList);
}

/** The end of the range of entries, starting at `from`, that fit into one record. */
function takeEntries(entries: readonly StreamEntry[], from: number): number {
  let bytes = 0;
  let end = from;
  for (let entry = entries[end]; entry !== undefined && bytes <= recordBytes; entry = entries[++end]) {
    bytes += 32 + entry.payload.length;
  }
  return end;
}
