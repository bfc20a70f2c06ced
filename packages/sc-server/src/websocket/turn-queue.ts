/** Collects work during an event-loop turn and does it at the end of the turn. */
export interface Flushable {
  flush(): void;
}

/** Flushes all items added during an event-loop turn, once, at the end of the turn. */
export class TurnQueue {
  readonly #onError: (error: unknown) => void;
  #pending: Flushable[] = [];
  #isScheduled = false;

  /** `onError` receives the errors thrown by a flush; the other items are flushed nevertheless. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Adds an item. The caller must add it at most once per turn. */
  add(flushable: Flushable): void {
    this.#pending.push(flushable);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#flushAll);
  }

  readonly #flushAll = (): void => {
    // Items added while flushing are flushed in the same turn: the flush of a channel adds its sockets.
    for (let i = 0; i < this.#pending.length; i++) {
      try {
        this.#pending[i]?.flush();
      } catch (error) {
        this.#onError(error);
      }
    }
    this.#pending = [];
    this.#isScheduled = false;
  };
}
