/** Time that passes only when it is told to. */
export class VirtualTime {
  now = 0;
  #timers: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.now + Math.max(delayMs, 0), order: ++this.#order, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Runs every timer up to that moment, and what follows from each before the next. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
      await microtasks();
    }
    this.now = end;
    await microtasks();
  }
}

async function microtasks(): Promise<void> {
  for (let i = 0; i < 25; i++) await Promise.resolve();
}
