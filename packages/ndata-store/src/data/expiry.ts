import { keyChainId } from '../key-chain.js';

interface Entry {
  readonly keys: readonly string[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** When key chains expire. A heap says what is next; entries that were replaced stay in it until they surface. */
export class Expiry {
  /** By root key, so that a root key and all beneath it can be forgotten at once. */
  readonly #roots = new Map<string, Map<string, Entry>>();
  #heap: Entry[] = [];
  #size = 0;

  /** Number of key chains that will expire. */
  get size(): number {
    return this.#size;
  }

  /** When something expires next, or `undefined`. It may be an entry that is outdated by now. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  set(keys: readonly string[], at: number): void {
    const root = keys[0] ?? '';
    let chains = this.#roots.get(root);
    if (chains === undefined) this.#roots.set(root, (chains = new Map<string, Entry>()));
    const id = keyChainId(keys);
    if (!chains.has(id)) this.#size++;
    const entry = { keys, at };
    chains.set(id, entry);
    this.#push(entry);
    if (this.#heap.length > 64 && this.#heap.length > this.#size * 2) this.#rebuild();
  }

  get(keys: readonly string[]): number | undefined {
    return this.#roots.get(keys[0] ?? '')?.get(keyChainId(keys))?.at;
  }

  remove(keys: readonly string[]): boolean {
    const root = keys[0] ?? '';
    const chains = this.#roots.get(root);
    if (chains?.delete(keyChainId(keys)) !== true) return false;
    if (chains.size === 0) this.#roots.delete(root);
    this.#size--;
    return true;
  }

  /** Forgets the chain and every chain beneath it. */
  removeBeneath(keys: readonly string[]): void {
    const root = keys[0] ?? '';
    const chains = this.#roots.get(root);
    if (chains === undefined) return;
    if (keys.length === 1) {
      this.#size -= chains.size;
      this.#roots.delete(root);
      return;
    }
    const prefix = keyChainId(keys);
    for (const id of chains.keys()) {
      if (id.startsWith(prefix) && chains.delete(id)) this.#size--;
    }
    if (chains.size === 0) this.#roots.delete(root);
  }

  /** The root keys that have an expiry at or beneath them. */
  roots(): string[] {
    return [...this.#roots.keys()];
  }

  /** What expires beneath a root key. */
  entriesOf(root: string): Entry[] {
    return [...(this.#roots.get(root)?.values() ?? [])];
  }

  /** Takes the next entry that was due at `now`. */
  takeDue(now: number): Entry | undefined {
    for (let top = this.#heap[0]; top !== undefined && top.at <= now; top = this.#heap[0]) {
      this.#pop();
      // Entries that were replaced or removed are found here at the latest.
      if (this.#roots.get(top.keys[0] ?? '')?.get(keyChainId(top.keys)) !== top) continue;
      this.remove(top.keys);
      return top;
    }
    return undefined;
  }

  /** The chain that expires soonest, due or not. */
  peek(): readonly string[] | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#roots.get(top.keys[0] ?? '')?.get(keyChainId(top.keys)) === top) return top.keys;
      this.#pop();
    }
    return undefined;
  }

  clear(): void {
    this.#roots.clear();
    this.#heap = [];
    this.#size = 0;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.at <= entry.at) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      let child = heap[below];
      if (child === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && right.at < child.at) {
        child = right;
        below++;
      }
      if (child.at >= last.at) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }

  #rebuild(): void {
    const entries: Entry[] = [];
    for (const chains of this.#roots.values()) entries.push(...chains.values());
    // A sorted array is a heap.
    this.#heap = entries.sort((a, b) => a.at - b.at);
  }
}
