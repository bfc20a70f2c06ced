import type { Changes, UndoLog } from './changes.js';
import type { Tree } from './tree.js';

/**
 * Reverts the changes of a transaction, the last one first. Takes time proportional to the transaction, not to the size
 * of the changed data.
 */
export class Undo implements UndoLog {
  readonly #changes: Changes;
  readonly #restores: (() => void)[] = [];
  readonly #removed: (readonly string[])[] = [];

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  push(restore: () => void): void {
    this.#restores.push(restore);
  }

  removed(keys: readonly string[]): void {
    this.#removed.push(keys);
  }

  /** Reverts all changes. Logs only entries that have moved: a restored entry stands at the end of its map. */
  restore(tree: Tree): void {
    const { log } = this.#changes;
    this.#changes.log = undefined;
    for (const restore of this.#restores.reverse()) restore();
    this.#changes.log = log;
    if (log === undefined) return;
    for (const keys of this.#removed.reverse()) {
      const node = tree.find(keys);
      if (node === undefined) continue;
      log.remove(keys);
      log.set(keys, node);
    }
  }
}
