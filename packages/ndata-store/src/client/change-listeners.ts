import { isRelated } from '../data/watchers.js';
import { keyChainId } from '../key-chain.js';
import type { Change, ChangeListener } from '../store.js';

interface Watched {
  readonly keys: readonly string[];
  readonly listeners: Set<ChangeListener>;
}

/** A client's listeners to changes, by key chain. */
export class ChangeListeners {
  readonly #watched = new Map<string, Watched>();

  add(keys: readonly string[], listener: ChangeListener): void {
    const id = keyChainId(keys);
    const watched = this.#watched.get(id);
    if (watched === undefined) this.#watched.set(id, { keys, listeners: new Set([listener]) });
    else watched.listeners.add(listener);
  }

  /** Without a listener, removes all of the chain's. Returns whether the chain has none any more. */
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
