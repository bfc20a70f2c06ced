/** What the rate limit needs of a socket: an allowance that it spends itself, one by one. */
export interface Limited {
  allowance: number;
  pauseReading(): void;
  resumeReading(): void;
}

const refillsPerSecond = 20;

/**
 * Gives every socket `rate` messages a second with a burst of twice that. One timer for all, and only while a socket
 * has spent something; a message costs one decrement.
 */
export class InboundRate {
  readonly #perRefill: number;
  readonly #spenders = new Set<Limited>();
  #timer: NodeJS.Timeout | undefined;
  /** What a fresh socket starts with. */
  readonly burst: number;

  constructor(rate: number) {
    this.burst = rate === 0 ? Infinity : rate * 2;
    this.#perRefill = rate / refillsPerSecond;
  }

  /** Hot path: called for every message. */
  spend(socket: Limited): void {
    if (socket.allowance === Infinity) return;
    if (socket.allowance === this.burst) {
      this.#spenders.add(socket);
      this.#timer ??= setInterval(() => this.#refill(), 1000 / refillsPerSecond).unref();
    }
    socket.allowance -= 1;
    if (socket.allowance < 1) socket.pauseReading();
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
      const wasPaused = socket.allowance < 1;
      socket.allowance = Math.min(this.burst, socket.allowance + this.#perRefill);
      if (socket.allowance === this.burst) this.#spenders.delete(socket);
      if (wasPaused && socket.allowance >= 1) socket.resumeReading();
    }
    if (this.#spenders.size === 0) this.stop();
  }
}
