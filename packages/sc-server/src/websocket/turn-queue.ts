/** Something that collects work during a loop turn and does it at the turn's end. */
export interface Flushable {
  flush(): void;
}

/** Flushes everything that was added during a turn of the event loop, once, at the turn's end. */
export class TurnQueue {
  readonly #onError: (error: unknown) => void;
  #pending: Flushable[] = [];
  #isScheduled = false;

  /** `onError` takes what a flush threw; the others are flushed all the same. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** The caller adds itself at most once a turn. */
  add(flushable: Flushable): void {
    this.#pending.push(flushable);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#flushAll);
  }

  readonly #flushAll = (): void => {
    // Items added while flushing leave in this turn too: a channel's flush adds to its sockets.
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
