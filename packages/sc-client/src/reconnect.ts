import { reconnectAdvice } from 'sc-protocol';
import type { Platform } from './platform.js';

/** Delays of the reconnection, in milliseconds. */
export interface ReconnectOptions {
  /** Shortest wait before the first attempt, in milliseconds. @default 200 */
  readonly initialDelay: number;
  /** Width of the random part of the first wait, in milliseconds. @default 1300 */
  readonly randomness: number;
  /** How much longer each wait is than the one before. @default 2 */
  readonly multiplier: number;
  /** Longest wait, in milliseconds. @default 30000 */
  readonly maxDelay: number;
}

/**
 * A connection that lasted so long makes the next wait a first one again, and may be followed at once. Long enough to
 * tell a server that takes connections from one that falls over them; short enough for two crashes in a row.
 */
const lastingMs = 1000;

/**
 * How long to wait before attempt `attempt` (from 0), in milliseconds. The range grows by the multiplier up to
 * `maxDelay` and keeps its share of randomness there, so that clients that were lost together come back apart.
 */
export function reconnectDelay(attempt: number, options: ReconnectOptions, random: number): number {
  const { initialDelay, randomness, multiplier, maxDelay } = options;
  const widest = initialDelay + randomness;
  // The power overflows after many attempts, and no wait times infinity is not a number.
  const longest = Math.min(maxDelay, widest * Math.min(multiplier ** attempt, Number.MAX_VALUE));
  const share = (initialDelay + randomness * random) / (widest || 1);
  return Math.round(longest * share);
}

/** Decides when to connect again, and keeps the one timer for that. */
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

  /** The connection ended with this code. Plans an attempt if the code allows one. */
  closed(code: number): void {
    const openedAt = this.#openedAt;
    this.#openedAt = undefined;
    if (openedAt !== undefined && this.#platform.elapsed() - openedAt >= lastingMs) this.#attempt = 0;
    const advice = reconnectAdvice(code);
    this.cancel();
    if (advice === 'never') return;
    // At once only the first time: a server that closes every new connection so must not be hammered.
    const isAtOnce = advice === 'now' && openedAt !== undefined && this.#attempt === 0;
    const delayMs = isAtOnce ? 0 : reconnectDelay(this.#attempt, this.#options, this.#platform.random());
    this.#attempt++;
    this.#cancelTimer = this.#platform.startTimer(() => {
      this.#cancelTimer = undefined;
      this.#connect();
    }, delayMs);
  }

  /** Forgets the planned attempt. */
  cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Connects at once if an attempt is planned. */
  hurry(): void {
    if (this.#cancelTimer === undefined) return;
    this.cancel();
    this.#connect();
  }
}
