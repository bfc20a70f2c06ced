import type { ExpiryNode } from './expiry-heap.js';
import type { Once } from './publishers.js';
import type { Stream, StreamEntry, StreamLimits } from './stream.js';
import type { Branch, TreeNode } from './tree-node.js';

/** Called before each change. */
export interface ChangeObserver {
  /** The direct content of a branch of the tree is about to change. */
  beforeBranch(branch: Branch): void;
  /** The direct content of a node of the expiry tree is about to change. */
  beforeExpiry(node: ExpiryNode): void;
  /** A channel's stream is about to change. */
  beforeStreamWrite(channel: string): void;
}

/** Collects functions that revert changes, in the order of the changes. */
export interface UndoLog {
  push(restore: () => void): void;
  /** An entry was removed from a map. When it is restored, it moves to the end of the map. */
  removed(keys: readonly string[]): void;
}

/** Records changes after they were made: their effects, not the commands that caused them. */
export interface EffectLog {
  set(keys: readonly string[], node: TreeNode): void;
  remove(keys: readonly string[]): void;
  splice(keys: readonly string[], index: number, count: number, items: readonly TreeNode[]): void;
  /** A map that was a list became a list again. */
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
  /** The publication at the offset may be resent; `once` identifies it. */
  know(channel: string, once: Once, offset: number, at: number): void;
  trimStream(channel: string, first: number): void;
  removeStream(channel: string): void;
}

/** Observers of changes to the data. Without observers a change costs a few comparisons. */
export class Changes {
  /** Log of effects; `undefined` without persistence and while effects are being applied. */
  log: EffectLog | undefined = undefined;
  /** Set while a transaction runs. */
  undo: UndoLog | undefined = undefined;
  #observer: ChangeObserver | undefined;
  #moments = 0;

  /** Registers the observer for changes from now on; only one observer at a time. Returns the number of this moment. */
  observe(observer: ChangeObserver): number {
    if (this.#observer !== undefined) throw new TypeError('The data has an observer already');
    this.#observer = observer;
    return ++this.#moments;
  }

  unobserve(observer: ChangeObserver): void {
    if (this.#observer === observer) this.#observer = undefined;
  }

  /** Hot path. */
  beforeBranch(branch: Branch): void {
    this.#observer?.beforeBranch(branch);
  }

  /** Hot path. */
  beforeExpiry(node: ExpiryNode): void {
    this.#observer?.beforeExpiry(node);
  }

  /** Hot path. */
  beforeStreamWrite(channel: string): void {
    this.#observer?.beforeStreamWrite(channel);
  }
}
