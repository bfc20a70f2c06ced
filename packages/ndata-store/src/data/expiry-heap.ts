export interface ExpiryEntry {
  readonly keys: readonly string[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The expiries at and beneath a key chain, structured like the data tree. */
export interface ExpiryNode {
  entry: ExpiryEntry | undefined;
  children: Map<string, ExpiryNode> | undefined;
  /** Number of entries in this node and beneath. */
  count: number;
  /** The latest moment whose snapshot has copied or visited this node. */
  moment: number;
}

/** A binary heap of entries with the earliest on top. */
export class ExpiryHeap {
  #entries: ExpiryEntry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  get top(): ExpiryEntry | undefined {
    return this.#entries[0];
  }

  push(entry: ExpiryEntry): void {
    const heap = this.#entries;
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

  /** Removes the top. */
  pop(): void {
    const last = this.#entries.pop();
    if (last !== undefined && this.#entries.length > 0) this.#sink(0, last);
  }

  /** Replaces all entries. Takes linear time, unlike a sort. */
  rebuild(entries: Iterable<ExpiryEntry>): void {
    this.#entries = [...entries];
    for (let at = (this.#entries.length >> 1) - 1; at >= 0; at--) {
      const entry = this.#entries[at];
      if (entry !== undefined) this.#sink(at, entry);
    }
  }

  #sink(from: number, entry: ExpiryEntry): void {
    const heap = this.#entries;
    let at = from;
    for (;;) {
      let below = at * 2 + 1;
      let child = heap[below];
      if (child === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && right.at < child.at) {
        child = right;
        below++;
      }
      if (child.at >= entry.at) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = entry;
  }
}
