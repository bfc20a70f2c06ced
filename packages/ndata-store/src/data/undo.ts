import type { ChangeObserver } from './changes.js';
import type { Expiry } from './expiry.js';
import type { ExpiryEntry } from './expiry-heap.js';
import { copyNode } from './tree-node.js';
import type { TreeNode } from './tree-node.js';
import type { Tree } from './tree.js';

interface Before {
  readonly node: TreeNode | undefined;
  readonly expiries: readonly ExpiryEntry[];
}

/** What stood under the root keys that a transaction changes. */
export class Undo implements ChangeObserver {
  readonly #tree: Tree;
  readonly #expiry: Expiry;
  readonly #before = new Map<string, Before>();
  /** Root keys that were removed meanwhile: put back, they stand at another place. */
  readonly #removed = new Set<string>();

  constructor(tree: Tree, expiry: Expiry) {
    this.#tree = tree;
    this.#expiry = expiry;
  }

  beforeWrite(root: string | undefined): void {
    if (root === undefined) {
      for (const key of [...this.#tree.root.keys(), ...this.#expiry.roots()]) this.beforeWrite(key);
      return;
    }
    if (this.#before.has(root)) return;
    const node = this.#tree.root.get(root);
    this.#before.set(root, {
      node: node === undefined ? undefined : copyNode(node),
      expiries: this.#expiry.entriesOf(root),
    });
  }

  beforeRemoval(root: string | undefined): void {
    if (root !== undefined) this.#removed.add(root);
    else for (const key of this.#tree.root.keys()) this.#removed.add(key);
  }

  beforeStreamWrite(): void {
    // Streams do not change in transactions.
  }

  /** Puts everything back. */
  restore(): void {
    for (const [root, { node, expiries }] of this.#before) {
      this.#expiry.removeBeneath([root]);
      if (node === undefined) this.#tree.remove([root]);
      else this.#tree.set([root], node);
      for (const { keys, at } of expiries) this.#expiry.set(keys, at);
    }
  }

  /** After `restore`: moves the root keys that stand at another place now to the end, where they are, one by one. */
  repeatMoves(): void {
    for (const [root, { node, expiries }] of this.#before) {
      if (node === undefined || !this.#removed.has(root)) continue;
      this.#tree.remove([root]);
      this.#expiry.removeBeneath([root]);
      this.#tree.set([root], node);
      for (const { keys, at } of expiries) this.#expiry.set(keys, at);
    }
  }
}
