import { ResourceLimitError } from 'sc-protocol';
import type { Call } from './call.js';
import type { Encoded } from './transport.js';

/** A call, or the message of an event that wants no answer. */
export type Outgoing = Call | { readonly message: Encoded; readonly end?: undefined };

export interface OutboxLimits {
  readonly outboxLimit: number;
  readonly outboxTimeout: number;
  readonly outboxPolicy: 'refuse' | 'dropOldest';
}

/**
 * Messages that wait for a connection, in order, up to a cap. Calls carry their own deadline and leave when it passes;
 * events without an answer are dropped after `outboxTimeout`.
 */
export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #elapsed: () => number;
  readonly #waiting = new Map<Outgoing, number>();

  constructor(limits: OutboxLimits, elapsed: () => number) {
    this.#limits = limits;
    this.#elapsed = elapsed;
  }

  /** Throws `ResourceLimitError` when it is full and the policy is to refuse; a call ends with that error instead. */
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

  /** Takes everything out, the oldest first, including what is added meanwhile; stops early when `take` returns false. */
  drain(take: (outgoing: Outgoing) => boolean): void {
    for (const [outgoing, until] of this.#waiting) {
      if (!this.#isLate(outgoing, until) && !take(outgoing)) return;
      this.#waiting.delete(outgoing);
    }
  }

  /** Empties it; calls fail with the error. */
  clear(error: (call: Call) => Error): void {
    for (const outgoing of [...this.#waiting.keys()]) if (outgoing.end) outgoing.end(error(outgoing));
    this.#waiting.clear();
  }

  #isLate(outgoing: Outgoing, until: number): boolean {
    return !outgoing.end && until <= this.#elapsed();
  }
}
