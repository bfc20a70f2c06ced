import type { Changes, UndoLog } from './changes.js';
import type { Tree } from './tree.js';

/**
 * Reverts the changes of a transaction, the last one first. The time is proportional to the transaction, not to the
 * size of the data that it changed a part of.
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

  /** Puts everything back. The log learns of nothing but the entries that stand at another place now: at the end. */
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
