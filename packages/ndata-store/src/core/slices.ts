/** Steps that are done in one loop turn. */
export const stepsPerSlice = 1000;

/** Does work that grows with what the store holds in slices, so that no command waits for all of it. */
export class Slices {
  readonly #work: Iterator<void, void>[] = [];
  #immediate: NodeJS.Immediate | undefined;
  #isStopped = false;

  /** Does the first slice now, unless there is other work, and the rest in the turns that follow. */
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
