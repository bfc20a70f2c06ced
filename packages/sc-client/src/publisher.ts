interface Globals {
  readonly crypto?: { getRandomValues(bytes: Uint8Array): unknown };
}

/** Identifies this publisher and numbers its publications per channel, so that the store can deduplicate retries. */
export class Publisher {
  /** 128 random bits. Secret: it allows publishing under this publisher's identity. */
  readonly id: string;
  readonly #last = new Map<string, number>();

  constructor(random: () => number) {
    const bytes = Uint8Array.from({ length: 16 }, () => random() * 256);
    // Not available in some JavaScript engines; the id is then unique but guessable.
    (globalThis as Globals).crypto?.getRandomValues(bytes);
    this.id = btoa(String.fromCharCode(...bytes)).slice(0, 22);
  }

  /** Number of the next publication to the channel, starting at 1. */
  next(channel: string): number {
    const seq = (this.#last.get(channel) ?? 0) + 1;
    this.#last.set(channel, seq);
    return seq;
  }
}
