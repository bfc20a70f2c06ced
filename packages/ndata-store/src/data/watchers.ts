import { keyChainId } from '../key-chain.js';
import { chainBytes } from './tree-node.js';

/** A caller that watches key chains. */
export interface KeyWatcher {
  /** A watched key chain was written. */
  changed(keys: readonly string[], command: string): void;
}

interface Watched {
  readonly keys: readonly string[];
  readonly callers: Set<KeyWatcher>;
}

/** Approximate memory of a watch without its keys. */
const watchBytes = 200;

/** Callers to notify of changes at, above or beneath a key chain. */
export class Watchers {
  readonly #roots = new Map<string, Map<string, Watched>>();
  /** Watches by caller, so that the end of a caller does not require a search through all others. */
  readonly #chains = new Map<KeyWatcher, Map<string, readonly string[]>>();
  #bytes = 0;

  /** Approximate memory of all watches in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#roots.size === 0;
  }

  add(keys: readonly string[], caller: KeyWatcher): void {
    const root = keys[0] ?? '';
    let chains = this.#roots.get(root);
    if (chains === undefined) this.#roots.set(root, (chains = new Map<string, Watched>()));
    const id = keyChainId(keys);
    let own = this.#chains.get(caller);
    if (own === undefined) this.#chains.set(caller, (own = new Map<string, readonly string[]>()));
    if (own.has(id)) return;
    own.set(id, keys);
    this.#bytes += watchBytes + chainBytes(keys);
    const watched = chains.get(id);
    if (watched === undefined) chains.set(id, { keys, callers: new Set([caller]) });
    else watched.callers.add(caller);
  }

  remove(keys: readonly string[], caller: KeyWatcher): void {
    const root = keys[0] ?? '';
    const chains = this.#roots.get(root);
    const id = keyChainId(keys);
    const watched = chains?.get(id);
    if (chains === undefined || watched?.callers.delete(caller) !== true) return;
    this.#bytes -= watchBytes + chainBytes(keys);
    const own = this.#chains.get(caller);
    if (own?.delete(id) === true && own.size === 0) this.#chains.delete(caller);
    if (watched.callers.size > 0) return;
    chains.delete(id);
    if (chains.size === 0) this.#roots.delete(root);
  }

  /** Removes the watches of an ended caller, one per step. */
  *leave(caller: KeyWatcher): Generator<void, void> {
    for (const keys of this.#chains.get(caller)?.values() ?? []) {
      this.remove(keys, caller);
      yield;
    }
  }

  /** Notifies each caller once, even if it watches several of the keys. No keys: everything changed. */
  notify(keys: readonly string[], command: string): void {
    const touched = new Set<KeyWatcher>();
    const roots = keys.length === 0 ? this.#roots.values() : [this.#roots.get(keys[0] ?? '')];
    for (const chains of roots) {
      if (chains === undefined) continue;
      for (const watched of chains.values()) {
        if (isRelated(watched.keys, keys)) for (const caller of watched.callers) touched.add(caller);
      }
    }
    for (const caller of touched) caller.changed(keys, command);
  }
}

/** Whether one chain is a prefix of the other, or equal to it. */
export function isRelated(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}
