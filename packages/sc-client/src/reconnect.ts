import { reconnectAdvice } from 'sc-protocol';
import type { Platform } from './platform.js';

/** Reconnect delays, in milliseconds. */
export interface ReconnectOptions {
  /** Minimum delay before the first attempt, in milliseconds. @default 200 */
  readonly initialDelay: number;
  /** Range of the random part of the first delay, in milliseconds. @default 1300 */
  readonly randomness: number;
  /** Growth factor of the delay per attempt. @default 2 */
  readonly multiplier: number;
  /** Maximum delay, in milliseconds. @default 30000 */
  readonly maxDelay: number;
}

/**
 * A connection that lasted this long resets the backoff, and allows an immediate reconnect. Long enough to detect a
 * server that crashes on each connection; short enough to tolerate two crashes in a row.
 */
const lastingMs = 1000;

/**
 * Delay before attempt `attempt` (from 0), in milliseconds. The range grows by the multiplier up to `maxDelay` and
 * keeps its random share there, so that clients that lost their connections together do not reconnect at the same time.
 */
export function reconnectDelay(attempt: number, options: ReconnectOptions, random: number): number {
  const { initialDelay, randomness, multiplier, maxDelay } = options;
  const widest = initialDelay + randomness;
  // The power overflows to infinity after many attempts, and 0 times infinity is `NaN`.
  const longest = Math.min(maxDelay, widest * Math.min(multiplier ** attempt, Number.MAX_VALUE));
  const share = (initialDelay + randomness * random) / (widest || 1);
  return Math.round(longest * share);
}

/** Decides when to reconnect, and owns the reconnect timer. */
export class Reconnector {
  readonly #options: ReconnectOptions;
  readonly #platform: Platform;
  readonly #connect: () => void;
  #attempt = 0;
  #openedAt: number | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(options: ReconnectOptions, platform: Platform, connect: () => void) {
    this.#options = options;
    this.#platform = platform;
    this.#connect = connect;
  }

  opened(): void {
    this.#openedAt = this.#platform.elapsed();
  }

  /** Handles the end of a connection. Schedules an attempt if the code allows it. */
  closed(code: number): void {
    const openedAt = this.#openedAt;
    this.#openedAt = undefined;
    if (openedAt !== undefined && this.#platform.elapsed() - openedAt >= lastingMs) this.#attempt = 0;
    const advice = reconnectAdvice(code);
    this.cancel();
    if (advice === 'never') return;
    // Reconnect immediately only the first time: a server that closes every new connection with such a code must not be
    // flooded.
    const isAtOnce = advice === 'now' && openedAt !== undefined && this.#attempt === 0;
    const delayMs = isAtOnce ? 0 : reconnectDelay(this.#attempt, this.#options, this.#platform.random());
    this.#attempt++;
    this.#cancelTimer = this.#platform.startTimer(() => {
      this.#cancelTimer = undefined;
      this.#connect();
    }, delayMs);
  }

  /** Cancels the scheduled attempt. */
  cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Connects immediately if an attempt is scheduled. */
  hurry(): void {
    if (this.#cancelTimer === undefined) return;
    this.cancel();
    this.#connect();
  }
}
