export interface ReconnectionOptions {
  readonly reconnectDelayMs: number;
  readonly reconnectDelayMaxMs: number;
  readonly random: () => number;
}

/**
 * Schedules reconnects: the first immediately, then with exponential backoff. Each delay is randomly shortened by up to
 * half.
 */
export class Reconnection {
  readonly #options: ReconnectionOptions;
  readonly #dial: () => void;
  #timer: NodeJS.Timeout | undefined;
  #attempts = 0;

  constructor(options: ReconnectionOptions, dial: () => void) {
    this.#options = options;
    this.#dial = dial;
  }

  schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#dial, this.#nextDelayMs());
  }

  succeeded(): void {
    this.#attempts = 0;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #nextDelayMs(): number {
    const attempt = this.#attempts++;
    if (attempt === 0) return 0;
    const { reconnectDelayMs, reconnectDelayMaxMs, random } = this.#options;
    const delayMs = Math.min(reconnectDelayMaxMs, reconnectDelayMs * 2 ** Math.min(attempt - 1, 20));
    return delayMs * (1 - random() / 2);
  }
}
