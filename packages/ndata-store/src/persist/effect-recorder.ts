import type { EffectLog } from '../data/changes.js';
import { keyOf } from '../data/publishers.js';
import type { Once } from '../data/publishers.js';
import type { Stream, StreamEntry, StreamLimits } from '../data/stream.js';
import type { TreeNode } from '../data/tree-node.js';
import { ByteWriter } from './bytes.js';
import { writeNode } from './node-codec.js';

/** The effects in a record of the log: u8 code, then the fields that {@link EffectRecorder} writes. */
export const effectCodes = {
  set: 1,
  remove: 2,
  splice: 3,
  becomeList: 4,
  clear: 5,
  expire: 6,
  unexpire: 7,
  unexpireBeneath: 8,
  clearExpiries: 9,
  openStream: 10,
  limitStream: 11,
  append: 12,
  trimStream: 13,
  removeStream: 14,
  know: 15,
} as const;

/** Records only the effects on streams, for a store that does not persist keys. */
export class StreamEffects implements EffectLog {
  readonly #recorder: EffectRecorder;
  readonly set = ignore;
  readonly remove = ignore;
  readonly splice = ignore;
  readonly becomeList = ignore;
  readonly clear = ignore;
  readonly expire = ignore;
  readonly unexpire = ignore;
  readonly unexpireBeneath = ignore;
  readonly clearExpiries = ignore;

  constructor(recorder: EffectRecorder) {
    this.#recorder = recorder;
  }

  openStream(channel: string, stream: Stream): void {
    this.#recorder.openStream(channel, stream);
  }

  limitStream(channel: string, limits: StreamLimits): void {
    this.#recorder.limitStream(channel, limits);
  }

  append(channel: string, entry: StreamEntry, first: number, life: number | undefined): void {
    this.#recorder.append(channel, entry, first, life);
  }

  know(channel: string, once: Once, offset: number, at: number): void {
    this.#recorder.know(channel, once, offset, at);
  }

  trimStream(channel: string, first: number): void {
    this.#recorder.trimStream(channel, first);
  }

  removeStream(channel: string): void {
    this.#recorder.removeStream(channel);
  }
}

function ignore(): void {
  // Keys and expiries are in memory only.
}

/** Encodes each effect immediately, as nodes may change right after. */
export class EffectRecorder implements EffectLog {
  readonly #writer = new ByteWriter();
  /** Set while streams are not recorded. Collects the channels whose streams change meanwhile. */
  changedStreams: Set<string> | undefined = undefined;

  get isEmpty(): boolean {
    return this.#writer.length === 0;
  }

  /** The effects recorded since `reset`. Valid until the next effect. */
  bytes(): Uint8Array {
    return this.#writer.bytes();
  }

  reset(): void {
    this.#writer.clear();
  }

  set(keys: readonly string[], node: TreeNode): void {
    this.#begin(effectCodes.set, keys);
    writeNode(this.#writer, node);
  }

  remove(keys: readonly string[]): void {
    this.#begin(effectCodes.remove, keys);
  }

  splice(keys: readonly string[], index: number, count: number, items: readonly TreeNode[]): void {
    if (count === 0 && items.length === 0) return;
    this.#begin(effectCodes.splice, keys);
    this.#writer.uint32(index);
    this.#writer.uint32(count);
    this.#writer.uint32(items.length);
    for (const item of items) writeNode(this.#writer, item);
  }

  becomeList(keys: readonly string[]): void {
    this.#begin(effectCodes.becomeList, keys);
  }

  clearExpiries(): void {
    this.#writer.uint8(effectCodes.clearExpiries);
  }

  clear(): void {
    this.#writer.uint8(effectCodes.clear);
  }

  expire(keys: readonly string[], at: number): void {
    this.#begin(effectCodes.expire, keys);
    this.#writer.float64(at);
  }

  unexpire(keys: readonly string[]): void {
    this.#begin(effectCodes.unexpire, keys);
  }

  unexpireBeneath(keys: readonly string[]): void {
    this.#begin(effectCodes.unexpireBeneath, keys);
  }

  openStream(channel: string, stream: Stream): void {
    if (!this.#beginStream(effectCodes.openStream, channel)) return;
    this.#writer.text(stream.id);
    this.#writer.uint32(stream.lives[0]?.[0] ?? 0);
    this.#limits(stream.limits);
    this.#writer.uint8(stream.hasOwnLimits ? 1 : 0);
  }

  limitStream(channel: string, limits: StreamLimits): void {
    if (this.#beginStream(effectCodes.limitStream, channel)) this.#limits(limits);
  }

  append(channel: string, { offset, at, payload }: StreamEntry, first: number, life: number | undefined): void {
    if (!this.#beginStream(effectCodes.append, channel)) return;
    this.#writer.float64(offset);
    this.#writer.float64(at);
    this.#writer.float64(first);
    this.#writer.uint32(life ?? 0);
    this.#writer.stored(payload);
  }

  know(channel: string, once: Once, offset: number, at: number): void {
    if (!this.#beginStream(effectCodes.know, channel)) return;
    this.#writer.text(keyOf(once));
    this.#writer.float64('seq' in once ? once.seq : 0);
    this.#writer.float64(offset);
    this.#writer.float64(at);
  }

  trimStream(channel: string, first: number): void {
    if (this.#beginStream(effectCodes.trimStream, channel)) this.#writer.float64(first);
  }

  removeStream(channel: string): void {
    this.#beginStream(effectCodes.removeStream, channel);
  }

  #begin(code: number, keys: readonly string[]): void {
    this.#writer.uint8(code);
    this.#writer.keys(keys);
  }

  #beginStream(code: number, channel: string): boolean {
    if (this.changedStreams !== undefined) {
      this.changedStreams.add(channel);
      return false;
    }
    this.#writer.uint8(code);
    this.#writer.text(channel);
    return true;
  }

  #limits({ maxSize, maxAgeMs }: StreamLimits): void {
    this.#writer.float64(maxSize);
    this.#writer.float64(maxAgeMs);
  }
}
