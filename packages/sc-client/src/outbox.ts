import { type CallId, ResourceLimitError } from 'sc-protocol';
import type { Call } from './call.js';
import type { Encoded } from './transport.js';

/** A message to send, and the call that wants its answer, if one does. */
export interface Outgoing {
  readonly message: Encoded;
  readonly call?: Call | undefined;
  readonly callId?: CallId | undefined;
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
  readonly #elapsed: () => number;
  readonly #waiting = new Map<Outgoing, number>();

  constructor(limits: OutboxLimits, elapsed: () => number) {
    this.#limits = limits;
    this.#elapsed = elapsed;
  }

  /** Throws `ResourceLimitError` when it is full and the policy is to refuse. */
  add(outgoing: Outgoing): void {
    const { outboxLimit, outboxPolicy, outboxTimeout } = this.#limits;
    const isFull = (): boolean => this.#waiting.size >= outboxLimit;
    if (isFull()) {
      for (const [one, until] of this.#waiting) if (this.#isLate(one, until)) this.#waiting.delete(one);
    }
    if (isFull()) {
      const error = new ResourceLimitError(`The outbox is full (${outboxLimit})`, { limit: 'outboxLimit' });
      if (outboxPolicy === 'refuse') throw error;
      const [oldest] = this.#waiting.keys();
      if (oldest !== undefined) this.#waiting.delete(oldest);
      oldest?.call?.end(error);
    }
    this.#waiting.set(outgoing, this.#elapsed() + outboxTimeout);
    outgoing.call?.heldBy(() => this.#waiting.delete(outgoing));
  }

  /** Takes everything out, the oldest first, what is added meanwhile too; ends early when `take` says so by `false`. */
  drain(take: (outgoing: Outgoing) => boolean): void {
    for (const [outgoing, until] of this.#waiting) {
      if (!this.#isLate(outgoing, until) && !take(outgoing)) return;
      this.#waiting.delete(outgoing);
    }
  }

  /** Empties it; calls fail with the error. */
  clear(error: (call: Call) => Error): void {
    for (const { call } of [...this.#waiting.keys()]) call?.end(error(call));
    this.#waiting.clear();
  }

  #isLate({ call }: Outgoing, until: number): boolean {
    return call === undefined && until <= this.#elapsed();
  }
}
