import type { Expiry } from './expiry.js';
import { copyNode } from './tree-node.js';
import type { TreeNode } from './tree-node.js';
import type { Tree } from './tree.js';

interface Before {
  readonly node: TreeNode | undefined;
  readonly expiries: readonly { readonly keys: readonly string[]; readonly at: number }[];
}

/** What stood under the root keys that a transaction is about to change. */
export class Undo {
  readonly #tree: Tree;
  readonly #expiry: Expiry;
  readonly #before = new Map<string, Before>();

  constructor(tree: Tree, expiry: Expiry) {
    this.#tree = tree;
    this.#expiry = expiry;
  }

  /** To be called before the root key is changed; without one, before all are. */
  remember(root: string | undefined): void {
    if (root === undefined) {
      for (const key of this.#tree.root.keys()) this.remember(key);
      return;
    }
    if (this.#before.has(root)) return;
    const node = this.#tree.root.get(root);
    this.#before.set(root, {
      node: node === undefined ? undefined : copyNode(node),
      expiries: this.#expiry.entriesOf(root),
    });
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
}
