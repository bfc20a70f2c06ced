import type { Stream, StreamEntry, StreamLimits } from './stream.js';
import type { TreeNode } from './tree-node.js';

/** Learns of changes before they happen. */
export interface ChangeObserver {
  /** A root key is about to change; without one, all are. */
  beforeWrite(root: string | undefined): void;
  /** A root key, or without one all, is about to be removed: if it comes back, it comes last. Follows `beforeWrite`. */
  beforeRemoval(root: string | undefined): void;
  /** A channel's stream is about to change. */
  beforeStreamWrite(channel: string): void;
}

/** Takes changes after they were made: what is different now, not which command did it. */
export interface EffectLog {
  set(keys: readonly string[], node: TreeNode): void;
  remove(keys: readonly string[]): void;
  splice(keys: readonly string[], index: number, count: number, items: readonly TreeNode[]): void;
  /** A map that was a list became one again. */
  becomeList(keys: readonly string[]): void;
  clear(): void;
  expire(keys: readonly string[], at: number): void;
  unexpire(keys: readonly string[]): void;
  unexpireBeneath(keys: readonly string[]): void;
  clearExpiries(): void;
  openStream(channel: string, stream: Stream): void;
  limitStream(channel: string, limits: StreamLimits): void;
  /** `life` is set when the entry is the first of that life. */
  append(channel: string, entry: StreamEntry, first: number, life: number | undefined): void;
  trimStream(channel: string, first: number): void;
  removeStream(channel: string): void;
}

/** Who is told of changes to the data. Costs one comparison per change while nobody is. */
export class Changes {
  /** Where effects are kept; nowhere when persistence is off, and while effects are applied. */
  log: EffectLog | undefined = undefined;
  readonly #observers = new Set<ChangeObserver>();
  #isObserved = false;

  observe(observer: ChangeObserver): void {
    this.#observers.add(observer);
    this.#isObserved = true;
  }

  unobserve(observer: ChangeObserver): void {
    this.#observers.delete(observer);
    this.#isObserved = this.#observers.size > 0;
  }

  /** Hot path. */
  beforeWrite(root: string | undefined): void {
    if (!this.#isObserved) return;
    for (const observer of this.#observers) observer.beforeWrite(root);
  }

  /** Hot path. */
  beforeRemoval(root: string | undefined): void {
    if (!this.#isObserved) return;
    for (const observer of this.#observers) observer.beforeRemoval(root);
  }

  /** Hot path. */
  beforeStreamWrite(channel: string): void {
    if (!this.#isObserved) return;
    for (const observer of this.#observers) observer.beforeStreamWrite(channel);
  }
}
