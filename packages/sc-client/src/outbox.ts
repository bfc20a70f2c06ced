import { ResourceLimitError } from 'sc-protocol';
import type { Call } from './call.js';

/** An event to send, and the call that wants its answer, if one does. */
export interface Outgoing {
  readonly event: string;
  readonly data: unknown;
  readonly call?: Call | undefined;
}

export interface OutboxLimits {
  readonly outboxLimit: number;
  readonly outboxTimeout: number;
  readonly outboxPolicy: 'refuse' | 'dropOldest';
}

/**
 * What waits while there is no connection, in order, up to a cap. Calls carry their own deadline and leave when it
 * passes; events without an answer are dropped after `outboxTimeout`.
 */
export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #now: () => number;
  readonly #waiting = new Map<Outgoing, number>();

  constructor(limits: OutboxLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Throws `ResourceLimitError` when it is full and the policy is to refuse. */
  add(outgoing: Outgoing): void {
    const { outboxLimit, outboxPolicy, outboxTimeout } = this.#limits;
    const isFull = (): boolean => this.#waiting.size >= outboxLimit;
    if (isFull()) this.#dropLate();
    if (isFull()) {
      const error = new ResourceLimitError(`The outbox is full (${outboxLimit})`, { limit: 'outboxLimit' });
      if (outboxPolicy === 'refuse') throw error;
      this.shift()?.call?.end(error);
    }
    this.#waiting.set(outgoing, this.#now() + outboxTimeout);
    outgoing.call?.heldBy(() => this.#waiting.delete(outgoing));
  }

  /** Takes out what waits longest. */
  shift(): Outgoing | undefined {
    this.#dropLate();
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined) this.#waiting.delete(oldest);
    return oldest;
  }

  /** Empties it; calls fail with the error. */
  clear(error: (call: Call) => Error): void {
    for (const { call } of [...this.#waiting.keys()]) call?.end(error(call));
    this.#waiting.clear();
  }

  #dropLate(): void {
    const now = this.#now();
    for (const [outgoing, until] of this.#waiting) {
      if (outgoing.call === undefined && until <= now) this.#waiting.delete(outgoing);
    }
  }
}
