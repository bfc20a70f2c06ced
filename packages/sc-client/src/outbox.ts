import { ResourceLimitError } from 'sc-protocol';
import type { Call } from './call.js';
import type { Encoded } from './transport.js';

/** A call, or the message of an event without a response. */
export type Outgoing = Call | { readonly message: Encoded; readonly end?: undefined };

export interface OutboxLimits {
  readonly outboxLimit: number;
  readonly outboxTimeout: number;
  readonly outboxPolicy: 'refuse' | 'dropOldest';
}

/**
 * Queues messages in order, up to a cap, until there is a connection. Calls have their own deadline and leave the queue
 * when it passes; events are dropped after `outboxTimeout`.
 */
export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #elapsed: () => number;
  readonly #waiting = new Map<Outgoing, number>();

  constructor(limits: OutboxLimits, elapsed: () => number) {
    this.#limits = limits;
    this.#elapsed = elapsed;
  }

  /**
   * Throws `ResourceLimitError` for an event when the outbox is full and the policy is to refuse; a call ends with that
   * error instead.
   */
  add(outgoing: Outgoing): void {
    const { outboxLimit, outboxPolicy, outboxTimeout } = this.#limits;
    const waiting = this.#waiting;
    const isFull = (): boolean => waiting.size >= outboxLimit;
    if (isFull()) {
      for (const [one, until] of waiting) if (this.#isLate(one, until)) waiting.delete(one);
    }
    if (isFull()) {
      const error = new ResourceLimitError(`The outbox is full (${outboxLimit})`, { limit: 'outboxLimit' });
      const [oldest] = waiting.keys();
      if (outboxPolicy === 'refuse' || oldest === undefined) {
        if (outgoing.end === undefined) throw error;
        outgoing.end(error);
        return;
      }
      waiting.delete(oldest);
      oldest.end?.(error);
    }
    waiting.set(outgoing, this.#elapsed() + outboxTimeout);
    if (outgoing.end) outgoing.heldBy(() => waiting.delete(outgoing));
  }

  /** Removes all entries, oldest first, including entries added meanwhile. Stops when `take` returns false. */
  drain(take: (outgoing: Outgoing) => boolean): void {
    for (const [outgoing, until] of this.#waiting) {
      if (!this.#isLate(outgoing, until) && !take(outgoing)) return;
      this.#waiting.delete(outgoing);
    }
  }

  /** Empties the outbox; calls fail with the error. */
  clear(error: (call: Call) => Error): void {
    for (const outgoing of [...this.#waiting.keys()]) if (outgoing.end) outgoing.end(error(outgoing));
    this.#waiting.clear();
  }

  #isLate(outgoing: Outgoing, until: number): boolean {
    return !outgoing.end && until <= this.#elapsed();
  }
}
