/** Runs each task once, after all input of the current turn of the event loop has been read. */
export class Turn {
  #tasks: (() => void)[] = [];

  /** Hot path: one `setImmediate` for all tasks of a turn. */
  atEnd(task: () => void): void {
    if (this.#tasks.push(task) === 1) setImmediate(this.#finish);
  }

  readonly #finish = (): void => {
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) task();
  };
}
