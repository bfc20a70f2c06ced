import { keyChainId } from '../key-chain.js';
import type { Origin } from '../core/caller.js';

interface Watched {
  readonly keys: readonly string[];
  readonly origins: Set<Origin>;
}

/** Who wants to know when something changes at, above or beneath a key chain. */
export class Watchers {
  readonly #roots = new Map<string, Map<string, Watched>>();

  get isEmpty(): boolean {
    return this.#roots.size === 0;
  }

  add(keys: readonly string[], origin: Origin): void {
    const root = keys[0] ?? '';
    let chains = this.#roots.get(root);
    if (chains === undefined) this.#roots.set(root, (chains = new Map<string, Watched>()));
    const id = keyChainId(keys);
    const watched = chains.get(id);
    if (watched === undefined) chains.set(id, { keys, origins: new Set([origin]) });
    else watched.origins.add(origin);
  }

  remove(keys: readonly string[], origin: Origin): void {
    const root = keys[0] ?? '';
    const chains = this.#roots.get(root);
    const id = keyChainId(keys);
    const watched = chains?.get(id);
    if (chains === undefined || watched?.origins.delete(origin) !== true || watched.origins.size > 0) return;
    chains.delete(id);
    if (chains.size === 0) this.#roots.delete(root);
  }

  /** Forgets an origin that has ended. */
  leave(origin: Origin): void {
    for (const chains of [...this.#roots.values()]) {
      for (const watched of [...chains.values()]) this.remove(watched.keys, origin);
    }
  }

  /** Tells each origin once, whatever it watches. No keys mean that everything changed. */
  notify(keys: readonly string[], command: string): void {
    const touched = new Set<Origin>();
    const roots = keys.length === 0 ? this.#roots.values() : [this.#roots.get(keys[0] ?? '')];
    for (const chains of roots) {
      if (chains === undefined) continue;
      for (const watched of chains.values()) {
        if (isRelated(watched.keys, keys)) for (const origin of watched.origins) touched.add(origin);
      }
    }
    for (const origin of touched) origin.changed(keys, command);
  }
}

/** Whether one chain leads to or through the other. */
export function isRelated(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}
