import { type CallId, type ClientFrame, ResourceLimitError } from 'sc-protocol';
import type { Call } from './call.js';

/** Something to say: a frame, made when it is known whether and under which id an answer is wanted. */
export interface Outgoing {
  readonly frame: (callId: CallId | undefined) => ClientFrame;
  readonly call?: Call;
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

  get size(): number {
    return this.#waiting.size;
  }

  /** Throws `ResourceLimitError` when it is full and the policy is to refuse. */
  add(outgoing: Outgoing): void {
    const { outboxLimit, outboxPolicy, outboxTimeout } = this.#limits;
    if (this.#waiting.size >= outboxLimit) this.#dropLate();
    if (this.#waiting.size >= outboxLimit) {
      if (outboxPolicy === 'refuse') throw tooMany(outboxLimit);
      for (const oldest of this.#waiting.keys()) {
        this.#waiting.delete(oldest);
        oldest.call?.fail(tooMany(outboxLimit));
        break;
      }
    }
    this.#waiting.set(outgoing, this.#now() + outboxTimeout);
    outgoing.call?.heldBy(() => this.#waiting.delete(outgoing));
  }

  /** Takes out what waits longest. */
  shift(): Outgoing | undefined {
    this.#dropLate();
    for (const outgoing of this.#waiting.keys()) {
      this.#waiting.delete(outgoing);
      return outgoing;
    }
    return undefined;
  }

  /** Empties it; calls fail with the error. */
  clear(error: (call: Call) => Error): void {
    for (const { call } of [...this.#waiting.keys()]) call?.fail(error(call));
    this.#waiting.clear();
  }

  #dropLate(): void {
    const now = this.#now();
    for (const [outgoing, until] of this.#waiting) {
      if (outgoing.call === undefined && until <= now) this.#waiting.delete(outgoing);
    }
  }
}

function tooMany(limit: number): ResourceLimitError {
  return new ResourceLimitError(`The outbox is full (${limit})`, { limit: 'outboxLimit' });
}
