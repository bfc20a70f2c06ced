/** Size of a window: the newest number and those directly below it. */
export const windowSize = 256;

/** The verdict on a number: new, already published at this offset, or too old to tell. */
export type Verdict = 'new' | 'late' | { readonly offset: number };

/**
 * Records which of a publisher's numbers were published, and where: the newest and those below it within the window.
 * Numbers may arrive in any order, so a delayed frame of a lost connection and its retry are not both published.
 */
export class DedupeWindow {
  #newest = 0;
  /** Index `seq % windowSize`: the offset plus 1, or 0 if not published. */
  readonly #slots: number[] = [];

  get newest(): number {
    return this.#newest;
  }

  judge(seq: number): Verdict {
    if (seq > this.#newest) return 'new';
    if (seq <= this.#newest - windowSize) return 'late';
    const slot = this.#slots[seq % windowSize] ?? 0;
    return slot === 0 ? 'new' : { offset: slot - 1 };
  }

  add(seq: number, offset: number): void {
    const from = Math.max(this.#newest + 1, seq - windowSize + 1);
    for (let skipped = from; skipped < seq; skipped++) {
      if (this.#slots[skipped % windowSize] !== undefined) this.#slots[skipped % windowSize] = 0;
    }
    this.#newest = Math.max(this.#newest, seq);
    this.#slots[seq % windowSize] = offset + 1;
  }

  /** Returns every published number in the window with its offset. */
  entries(): [seq: number, offset: number][] {
    const found: [number, number][] = [];
    for (let seq = Math.max(1, this.#newest - windowSize + 1); seq <= this.#newest; seq++) {
      const slot = this.#slots[seq % windowSize] ?? 0;
      if (slot > 0) found.push([seq, slot - 1]);
    }
    return found;
  }
}
