interface Globals {
  readonly crypto?: { getRandomValues(bytes: Uint8Array): unknown };
}

/** Says who publishes and how much it has published to each channel, so that the store can tell a repetition from a new one. */
export class Publisher {
  /** 128 random bits. Secret: with them, others could publish in this publisher's name. */
  readonly id: string;
  readonly #last = new Map<string, number>();

  constructor(random: () => number) {
    const bytes = Uint8Array.from({ length: 16 }, () => random() * 256);
    // Absent from some JavaScript engines; there the id is unique, but can be guessed.
    (globalThis as Globals).crypto?.getRandomValues(bytes);
    this.id = btoa(String.fromCharCode(...bytes)).slice(0, 22);
  }

  /** The number of the next publication to the channel, from 1. */
  next(channel: string): number {
    const seq = (this.#last.get(channel) ?? 0) + 1;
    this.#last.set(channel, seq);
    return seq;
  }
}
