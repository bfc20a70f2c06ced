import { Changes } from './changes.js';
import { ExpiryHeap } from './expiry-heap.js';
import type { ExpiryEntry, ExpiryNode } from './expiry-heap.js';

/** Approximate memory of an expiry in bytes. */
export const expiryBytes = 200;

/**
 * Expiry times of key chains. A tree finds the entries at and beneath a chain, a heap finds the next one. Stale entries
 * (replaced or removed) stay in the heap until they reach the top, so removing a subtree costs only its depth.
 */
export class Expiry {
  readonly #changes: Changes;
  #tree = makeNode();
  #heap = new ExpiryHeap();

  constructor(changes = new Changes()) {
    this.#changes = changes;
  }

  /** Number of key chains that will expire. */
  get size(): number {
    return this.#tree.count;
  }

  /** Time of the next expiry, or `undefined`. It may belong to a stale entry. */
  get nextAt(): number | undefined {
    return this.#heap.top?.at;
  }

  /** The root node. `clear` replaces it. */
  get top(): ExpiryNode {
    return this.#tree;
  }

  set(keys: readonly string[], at: number): void {
    const before = this.get(keys);
    this.#add(keys, { keys, at });
    this.#changes.undo?.push(() => {
      if (before === undefined) this.#drop(keys);
      else this.#add(keys, { keys, at: before });
    });
    this.#changes.log?.expire(keys, at);
  }

  get(keys: readonly string[]): number | undefined {
    return this.#find(keys)?.entry?.at;
  }

  remove(keys: readonly string[]): boolean {
    const entry = this.#find(keys)?.entry;
    if (entry === undefined) return false;
    this.#drop(keys);
    this.#changes.undo?.push(() => this.#add(keys, entry));
    this.#changes.log?.unexpire(keys);
    return true;
  }

  /** Removes the chain and all chains beneath it, in time independent of their number. */
  removeBeneath(keys: readonly string[]): void {
    const node = this.size === 0 ? undefined : this.#find(keys);
    if (node === undefined) return;
    this.#detach(keys, node.count);
    this.#tidy();
    this.#changes.undo?.push(() => {
      for (const entry of entriesOf(node)) this.#add(entry.keys, entry);
    });
    this.#changes.log?.unexpireBeneath(keys);
  }

  /** The root keys that have an expiry at or beneath them. */
  roots(): string[] {
    return [...(this.#tree.children?.keys() ?? [])];
  }

  /** The expiries at and beneath a chain. */
  entriesOf(...keys: string[]): ExpiryEntry[] {
    const node = this.#find(keys);
    return node === undefined ? [] : [...entriesOf(node)];
  }

  /** Returns the next chain due at `now`. It stays until it is removed. */
  due(now: number): readonly string[] | undefined {
    for (let top = this.#heap.top; top !== undefined && top.at <= now; top = this.#heap.top) {
      // Stale entries are discarded here at the latest.
      if (this.#find(top.keys)?.entry === top) return top.keys;
      this.#heap.pop();
    }
    return undefined;
  }

  /** The chains due at `now` that are above, at or beneath the given chain, shortest first. */
  *dueAround(keys: readonly string[], now: number): Generator<readonly string[]> {
    let node: ExpiryNode | undefined = this.#tree;
    for (const key of keys) {
      node = node.children?.get(key);
      if (node === undefined) return;
      if (node.entry !== undefined && node.entry.at <= now) {
        yield node.entry.keys;
        return;
      }
    }
    yield* dueBeneath(node, now);
  }

  /** The chain that expires soonest, due or not. */
  peek(): readonly string[] | undefined {
    return this.due(Infinity);
  }

  clear(): void {
    const tree = this.#tree;
    const heap = this.#heap;
    this.#tree = makeNode();
    this.#heap = new ExpiryHeap();
    this.#changes.undo?.push(() => {
      this.#tree = tree;
      this.#heap = heap;
    });
    this.#changes.log?.clearExpiries();
  }

  #add(keys: readonly string[], entry: ExpiryEntry): void {
    const isNew = this.get(keys) === undefined;
    let node = this.#tree;
    if (isNew) node.count++;
    for (const key of keys) {
      let child = node.children?.get(key);
      if (child === undefined) {
        child = makeNode();
        this.#changes.beforeExpiry(node);
        node.children ??= new Map();
        node.children.set(key, child);
      }
      if (isNew) child.count++;
      node = child;
    }
    this.#changes.beforeExpiry(node);
    node.entry = entry;
    this.#heap.push(entry);
    this.#tidy();
  }

  #drop(keys: readonly string[]): void {
    const node = this.#find(keys);
    if (node?.entry === undefined) return;
    this.#changes.beforeExpiry(node);
    this.#detach(keys, 1);
    node.entry = undefined;
  }

  /** Rebuilds the heap when most of its entries are stale. */
  #tidy(): void {
    if (this.#heap.size > 64 && this.#heap.size > this.size * 2) this.#heap.rebuild(entriesOf(this.#tree));
  }

  #find(keys: readonly string[]): ExpiryNode | undefined {
    let node: ExpiryNode | undefined = this.#tree;
    for (const key of keys) {
      node = node.children?.get(key);
      if (node === undefined) return undefined;
    }
    return node;
  }

  /** Subtracts `count` from the nodes along the chain and removes the first node that has no entries left. */
  #detach(keys: readonly string[], count: number): void {
    let node: ExpiryNode | undefined = this.#tree;
    node.count -= count;
    for (const key of keys) {
      const child: ExpiryNode | undefined = node.children?.get(key);
      if (child === undefined) return;
      child.count -= count;
      if (child.count === 0) {
        this.#changes.beforeExpiry(node);
        node.children?.delete(key);
        return;
      }
      node = child;
    }
  }
}

function makeNode(): ExpiryNode {
  return { entry: undefined, children: undefined, count: 0, moment: 0 };
}

function* entriesOf(node: ExpiryNode): Generator<ExpiryEntry> {
  if (node.entry !== undefined) yield node.entry;
  for (const child of node.children?.values() ?? []) yield* entriesOf(child);
}

/**
 * Does not descend below a due chain, because its subtree is removed with it. Tolerates removals during the iteration.
 */
function* dueBeneath(node: ExpiryNode, now: number): Generator<readonly string[]> {
  for (const child of node.children?.values() ?? []) {
    if (child.entry !== undefined && child.entry.at <= now) yield child.entry.keys;
    else if (child.children !== undefined) yield* dueBeneath(child, now);
  }
}
