/** The clock of members: milliseconds that never go back, and one way to wait. */
export interface MemberClock {
  now(): number;
  /** Runs the action after so many milliseconds; the returned function cancels that. */
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
  /** Items before this index are over. */
  head: number;
}

/** Items below which a queue is not worth copying. */
const compactFrom = 1024;

/**
 * Items that end after their grace. Items of one grace end in the order in which they came, so each grace has one queue and
 * all of them share one timer, however many items wait.
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
