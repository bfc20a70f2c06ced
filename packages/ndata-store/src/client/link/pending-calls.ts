import { StoreUnavailableError, TimeoutError } from 'sc-protocol';
import type { Call } from '../../commands/call.js';
import { onDeadline } from '../../deadline.js';

export interface PendingCall {
  readonly id: number;
  readonly call: Call;
  readonly deadlineAt: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  sent: boolean;
}

export interface PendingCallsOptions {
  readonly timeoutMs: number;
  /** A call that was sent got no answer in time. */
  readonly onSilence: () => void;
  /** Why the store cannot be reached, if that is known. */
  readonly reason: () => Error | undefined;
}

/** The calls that have no answer yet. One timer serves them all: they time out in the order they were made. */
export class PendingCalls {
  readonly #options: PendingCallsOptions;
  readonly #calls = new Map<number, PendingCall>();
  #nextId = 1;
  #stopTimer: (() => void) | undefined;
  #onEmpty: (() => void)[] = [];

  constructor(options: PendingCallsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** The id of the next call; ids go round, 0 is nobody's. */
  takeId(): number {
    const id = this.#nextId;
    this.#nextId = id === 0xffffffff ? 1 : id + 1;
    return id;
  }

  deadline(): number {
    return performance.now() + this.#options.timeoutMs;
  }

  add(call: PendingCall): void {
    this.#calls.set(call.id, call);
    if (this.#stopTimer === undefined) this.#startTimer(call);
  }

  /** The call that was answered, unless it has timed out. */
  take(id: number): PendingCall | undefined {
    const call = this.#calls.get(id);
    if (call === undefined) return undefined;
    this.#calls.delete(id);
    if (this.#calls.size === 0) this.#emptied();
    return call;
  }

  unsent(): PendingCall[] {
    return [...this.#calls.values()].filter((call) => !call.sent);
  }

  /** Fails the calls that were sent, whose outcome nobody knows. */
  failSent(error: Error): void {
    for (const call of [...this.#calls.values()]) if (call.sent) this.take(call.id)?.reject(error);
  }

  failAll(error: Error): void {
    for (const call of [...this.#calls.values()]) this.take(call.id)?.reject(error);
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** Resolves when no call waits. */
  whenEmpty(): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  #emptied(): void {
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  #startTimer({ deadlineAt }: PendingCall): void {
    this.#stopTimer = onDeadline(deadlineAt, this.#options.timeoutMs, () => this.#expire());
  }

  #expire(): void {
    this.#stopTimer = undefined;
    const now = performance.now();
    let isSilent = false;
    for (const call of this.#calls.values()) {
      if (call.deadlineAt > now) break;
      isSilent ||= call.sent;
      this.take(call.id)?.reject(this.#lateError(call));
    }
    const [next] = this.#calls.values();
    if (next !== undefined) this.#startTimer(next);
    if (isSilent) this.#options.onSilence();
  }

  #lateError(call: PendingCall): Error {
    const { timeoutMs } = this.#options;
    if (call.sent) return new TimeoutError(`The store did not answer "${call.call.name}" within ${timeoutMs} ms`);
    return new StoreUnavailableError(
      `The store could not be reached within ${timeoutMs} ms for "${call.call.name}"`,
      undefined,
      { cause: this.#options.reason() },
    );
  }
}
