/** Maximum number of steps per event loop turn. */
export const stepsPerSlice = 1000;

/** Runs work proportional to the size of the data in slices, so that it does not block commands. */
export class Slices {
  readonly #work: Iterator<void, void>[] = [];
  #immediate: NodeJS.Immediate | undefined;
  #isStopped = false;

  /** Runs the first slice now, unless other work is queued, and the rest in the following turns. */
  run(work: Iterator<void, void>): void {
    if (this.#isStopped) return;
    this.#work.push(work);
    if (this.#work.length === 1) this.#slice();
  }

  stop(): void {
    this.#isStopped = true;
    this.#work.length = 0;
    clearImmediate(this.#immediate);
  }

  #slice(): void {
    let steps = 0;
    for (let [first] = this.#work; first !== undefined && steps < stepsPerSlice; [first] = this.#work) {
      if (first.next().done === true) this.#work.shift();
      else steps++;
    }
    if (this.#work.length > 0) this.#immediate = setImmediate(() => this.#slice());
  }
}
