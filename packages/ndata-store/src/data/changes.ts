import type { ExpiryNode } from './expiry-heap.js';
import type { Once } from './publishers.js';
import type { Stream, StreamEntry, StreamLimits } from './stream.js';
import type { Branch, TreeNode } from './tree-node.js';

/** Learns of changes before they happen. */
export interface ChangeObserver {
  /** The direct content of a branch of the tree is about to change. */
  beforeBranch(branch: Branch): void;
  /** The same of a node of the expiries. */
  beforeExpiry(node: ExpiryNode): void;
  /** A channel's stream is about to change. */
  beforeStreamWrite(channel: string): void;
}

/** Takes what puts changes back, in the order of the changes. */
export interface UndoLog {
  push(restore: () => void): void;
  /** The key chain leads to an entry that was removed from a map: put back, it stands at the end. */
  removed(keys: readonly string[]): void;
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
  /** The publication at the offset may be sent again, and is told by this. */
  know(channel: string, once: Once, offset: number, at: number): void;
  trimStream(channel: string, first: number): void;
  removeStream(channel: string): void;
}

/** Observers of changes to the data. Costs a few comparisons per change while there are none. */
export class Changes {
  /** Where effects are kept; nowhere when persistence is off, and while effects are applied. */
  log: EffectLog | undefined = undefined;
  /** Set while a transaction runs. */
  undo: UndoLog | undefined = undefined;
  #observer: ChangeObserver | undefined;
  #moments = 0;

  /** Tells the observer of changes from this moment on, one observer at a time. Returns the moment's number. */
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
