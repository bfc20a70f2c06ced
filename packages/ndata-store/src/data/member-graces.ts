/** Clock for members: monotonic milliseconds and a timer. */
export interface MemberClock {
  now(): number;
  /** Runs the action after `ms` milliseconds. Returns a function that cancels it. */
  after(ms: number, action: () => void): () => void;
}

export const systemClock: MemberClock = {
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

interface Queue<Item> {
  readonly items: { readonly item: Item; readonly until: number }[];
  /** Items before this index have ended. */
  head: number;
}

/** Number of ended items from which on a queue is compacted. */
const compactFrom = 1024;

/**
 * Items that end after a grace period. Items with the same grace end in insertion order, so there is one queue per
 * distinct grace and one timer for all of them, regardless of the number of items.
 */
export class Graces<Item> {
  readonly #clock: MemberClock;
  readonly #onEnd: (items: Item[]) => void;
  readonly #queues = new Map<number, Queue<Item>>();
  #cancel: (() => void) | undefined;
  #wakesAt = Infinity;

  constructor(clock: MemberClock, onEnd: (items: Item[]) => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  add(item: Item, graceMs: number): void {
    const until = this.#clock.now() + graceMs;
    const queue = this.#queues.get(graceMs);
    if (queue === undefined) this.#queues.set(graceMs, { items: [{ item, until }], head: 0 });
    else queue.items.push({ item, until });
    if (until < this.#wakesAt) this.#wake(until);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#queues.clear();
  }

  #wake(at: number): void {
    this.#cancel?.();
    this.#wakesAt = at;
    this.#cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => this.#end());
  }

  #end(): void {
    this.#wakesAt = Infinity;
    this.#cancel = undefined;
    const now = this.#clock.now();
    const ended: Item[] = [];
    let next = Infinity;
    for (const [graceMs, queue] of this.#queues) {
      let { head } = queue;
      for (let first = queue.items[head]; first !== undefined && first.until <= now; first = queue.items[++head]) {
        ended.push(first.item);
      }
      const first = queue.items[head];
      if (first === undefined) {
        this.#queues.delete(graceMs);
        continue;
      }
      queue.head = head > compactFrom ? 0 : head;
      if (head > compactFrom) queue.items.splice(0, head);
      next = Math.min(next, first.until);
    }
    if (next < Infinity) this.#wake(next);
    if (ended.length > 0) this.#onEnd(ended);
  }
}
