/** Something that collects work during a loop turn and does it at the turn's end. */
export interface Flushable {
  flush(): void;
}

/** Flushes everything that was added during a turn of the event loop, once, at the turn's end. */
export class TurnQueue {
  #pending: Flushable[] = [];
  #isScheduled = false;

  /** The caller adds itself at most once a turn. */
  add(flushable: Flushable): void {
    this.#pending.push(flushable);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#flushAll);
  }

  readonly #flushAll = (): void => {
    // What is added while flushing leaves in this turn too: a channel's flush adds to its sockets.
    for (let i = 0; i < this.#pending.length; i++) this.#pending[i]?.flush();
    this.#pending = [];
    this.#isScheduled = false;
  };
}
