/** The part of a socket that the rate limit uses: its allowance of frames. */
export interface Limited {
  allowance: number;
  /** The allowance is used up: stop reading, or close the socket. */
  onRateExceeded(): void;
  /** The allowance has been restored. Called once after each `onRateExceeded`. */
  onRateRestored(): void;
}

const refillsPerSecond = 20;

/**
 * Allows every socket `rate` frames per second with a burst of twice that. One timer for all, active only while a
 * socket has spent allowance; a frame costs one subtraction.
 */
export class InboundRate {
  readonly #perRefill: number;
  readonly #spenders = new Set<Limited>();
  #timer: NodeJS.Timeout | undefined;
  /** The initial allowance of a socket. */
  readonly burst: number;

  constructor(rate: number) {
    this.burst = rate === 0 ? Infinity : rate * 2;
    this.#perRefill = rate / refillsPerSecond;
  }

  /** Hot path: called for every message. */
  spend(socket: Limited, count: number): void {
    const before = socket.allowance;
    if (before === Infinity) return;
    if (before === this.burst) {
      this.#spenders.add(socket);
      this.#timer ??= setInterval(() => this.#refill(), 1000 / refillsPerSecond).unref();
    }
    socket.allowance = before - count;
    // Frames in the same chunk as the last allowed one are still processed, and charged to the allowance.
    if (before >= 0 && socket.allowance < 0) socket.onRateExceeded();
  }

  forget(socket: Limited): void {
    this.#spenders.delete(socket);
    if (this.#spenders.size === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #refill(): void {
    for (const socket of this.#spenders) {
      const before = socket.allowance;
      socket.allowance = Math.min(this.burst, before + this.#perRefill);
      if (socket.allowance === this.burst) this.#spenders.delete(socket);
      if (before < 0 && socket.allowance >= 0) socket.onRateRestored();
    }
    if (this.#spenders.size === 0) this.stop();
  }
}
