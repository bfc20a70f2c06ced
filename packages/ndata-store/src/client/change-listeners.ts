import { isRelated } from '../data/watchers.js';
import { keyChainId } from '../key-chain.js';
import type { Change, ChangeListener } from '../store.js';

interface Watched {
  readonly keys: readonly string[];
  readonly listeners: Set<ChangeListener>;
}

/** Change listeners of a client, by key chain. */
export class ChangeListeners {
  readonly #watched = new Map<string, Watched>();

  add(keys: readonly string[], listener: ChangeListener): void {
    const id = keyChainId(keys);
    const watched = this.#watched.get(id);
    if (watched === undefined) this.#watched.set(id, { keys, listeners: new Set([listener]) });
    else watched.listeners.add(listener);
  }

  /**
   * Removes a listener; without one, removes all listeners of the chain. Returns whether the last listener was removed.
   */
  remove(keys: readonly string[], listener: ChangeListener | undefined): boolean {
    const id = keyChainId(keys);
    const watched = this.#watched.get(id);
    if (watched === undefined) return false;
    if (listener === undefined) watched.listeners.clear();
    else watched.listeners.delete(listener);
    if (watched.listeners.size > 0) return false;
    this.#watched.delete(id);
    return true;
  }

  tell(change: Change): void {
    for (const { keys, listeners } of [...this.#watched.values()]) {
      if (isRelated(keys, change.keyChain)) for (const listener of [...listeners]) listener(change);
    }
  }
}
