import type { Buffer } from 'node:buffer';
import { StoreUnavailableError, TimeoutError } from 'sc-protocol';
import type { Call, ReplyDecoder } from '../../commands/call.js';
import { onDeadline } from '../../deadline.js';
import { frameBytes } from './frame-bounds.js';

export interface PendingCall {
  readonly id: number;
  readonly name: string;
  readonly decode: ReplyDecoder<unknown>;
  /** The call to send. `undefined` once sent, to release its payload (see `again` for repeatable calls). */
  call: Call | undefined;
  /** The call to resend after a link loss. Set once a repeatable call was sent. */
  again: Call | undefined;
  /** Size in bytes, counted while the call waits to be sent. 0 for a call that was sent immediately and is not resent. */
  bytes: number;
  readonly deadlineAt: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A call that the link makes for itself: subscriptions, retained calls, probes. It counts against no limit and has no
 * deadline. If the link is lost before the response, neither callback runs: the link notifies the owner of the call.
 */
export interface ControlCall {
  readonly call: Call;
  /** The response is in the buffer from `start` to `end`. */
  settled(buffer: Buffer, start: number, end: number): void;
  failed(error: Error): void;
}

export interface PendingCallsOptions {
  readonly timeoutMs: number;
  /** Returns why the store cannot be reached, if known. */
  readonly reason: () => Error | undefined;
}

/** Calls without a response. One timer is enough for all: they time out in the order in which they were added. */
export class PendingCalls {
  readonly #options: PendingCallsOptions;
  readonly #calls = new Map<number, PendingCall>();
  readonly #control = new Map<number, ControlCall>();
  #nextId = 1;
  #unsentBytes = 0;
  #unsentCount = 0;
  #stopTimer: (() => void) | undefined;
  #onEmpty: (() => void)[] = [];

  constructor(options: PendingCallsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** Number of control calls without a response. */
  get controlSize(): number {
    return this.#control.size;
  }

  /** Total bytes of the calls that wait to be sent. */
  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  /** Whether a call is in flight on this link. */
  get expectsAnswer(): boolean {
    return this.#control.size > 0 || this.#calls.size > this.#unsentCount;
  }

  deadline(): number {
    return performance.now() + this.#options.timeoutMs;
  }

  /** Allocates the id of the next call. Ids wrap around; 0 means that no response is wanted. */
  takeId(): number {
    const id = this.#nextId;
    this.#nextId = id === 0xffffffff ? 1 : id + 1;
    // After the wrap-around at 2^32, an id may still be in use.
    return this.#calls.has(id) || this.#control.has(id) ? this.takeId() : id;
  }

  /** Adds a call that has not been sent yet. */
  add(call: PendingCall): void {
    this.#calls.set(call.id, call);
    this.#unsentCount++;
    this.#unsentBytes += call.bytes;
    if (this.#stopTimer === undefined) this.#startTimer(call);
  }

  /** Marks the call as sent and returns the frame to send, or `undefined` if it was sent already. */
  sent(pending: PendingCall): Call | undefined {
    const { call } = pending;
    if (call !== undefined && call.isRepeatable) pending.again = call;
    if (call !== undefined) this.#sentOrGone(pending);
    return call;
  }

  addControl(control: ControlCall): number {
    const id = this.takeId();
    this.#control.set(id, control);
    return id;
  }

  /** Settles the call of this id, unless it has timed out. Hot path. */
  settle(id: number, buffer: Buffer, start: number, end: number): void {
    const pending = this.#take(id);
    if (pending === undefined) {
      this.#takeControl(id)?.settled(buffer, start, end);
      return;
    }
    let value: unknown;
    try {
      value = pending.decode(buffer, start, end);
    } catch (error) {
      pending.reject(error);
      return;
    }
    pending.resolve(value);
  }

  fail(id: number, error: Error): void {
    const pending = this.#take(id);
    if (pending === undefined) this.#takeControl(id)?.failed(error);
    else pending.reject(error);
  }

  unsent(): PendingCall[] {
    return [...this.#calls.values()].filter(({ call }) => call !== undefined);
  }

  /**
   * The link is lost. Rejects the calls in flight, as their outcome is unknown, requeues the repeatable ones, and drops
   * the control calls.
   */
  linkLost(error: Error): void {
    this.#control.clear();
    for (const call of [...this.#calls.values()]) {
      if (call.call !== undefined) continue;
      if (call.again === undefined) this.#take(call.id)?.reject(error);
      else this.#sendAgain(call, call.again);
    }
  }

  failAll(error: Error): void {
    this.#control.clear();
    for (const call of [...this.#calls.values()]) this.#take(call.id)?.reject(error);
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** Resolves when no call and no control call is pending. */
  whenEmpty(): Promise<void> {
    if (this.#isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  get #isEmpty(): boolean {
    return this.#calls.size === 0 && this.#control.size === 0;
  }

  #take(id: number): PendingCall | undefined {
    const pending = this.#calls.get(id);
    if (pending === undefined) return undefined;
    this.#calls.delete(id);
    if (pending.call !== undefined) this.#sentOrGone(pending);
    if (this.#onEmpty.length > 0) this.#tellEmpty();
    return pending;
  }

  #takeControl(id: number): ControlCall | undefined {
    const control = this.#control.get(id);
    this.#control.delete(id);
    if (this.#onEmpty.length > 0) this.#tellEmpty();
    return control;
  }

  /** Queues the call again, in its original order and with its original deadline. */
  #sendAgain(pending: PendingCall, call: Call): void {
    pending.call = call;
    pending.again = undefined;
    if (pending.bytes === 0) pending.bytes = frameBytes(call);
    this.#unsentCount++;
    this.#unsentBytes += pending.bytes;
  }

  #sentOrGone(pending: PendingCall): void {
    pending.call = undefined;
    this.#unsentCount--;
    this.#unsentBytes -= pending.bytes;
  }

  #tellEmpty(): void {
    if (this.#isEmpty) for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  #startTimer({ deadlineAt }: PendingCall): void {
    this.#stopTimer = onDeadline(deadlineAt, this.#options.timeoutMs, () => this.#expire());
  }

  #expire(): void {
    this.#stopTimer = undefined;
    const now = performance.now();
    const givenUp = new Map<string, Error>();
    for (const pending of this.#calls.values()) {
      if (pending.deadlineAt > now) break;
      const error = this.#lateError(pending);
      const order = orderOf(pending);
      if (order !== undefined) givenUp.set(order, error);
      this.#take(pending.id)?.reject(error);
    }
    if (givenUp.size > 0) this.#giveUpBehind(givenUp);
    const [next] = this.#calls.values();
    if (next !== undefined) this.#startTimer(next);
  }

  /**
   * After a call has timed out, its caller may retry it elsewhere, and later calls with the same order key would
   * overtake it. Therefore rejects the later calls that wait to be sent, and does not resend the calls in flight after
   * a link loss.
   */
  #giveUpBehind(givenUp: ReadonlyMap<string, Error>): void {
    for (const pending of [...this.#calls.values()]) {
      const order = orderOf(pending);
      const cause = order === undefined ? undefined : givenUp.get(order);
      if (cause === undefined) continue;
      pending.again = undefined;
      if (pending.call === undefined) continue;
      const text = `"${pending.name}" was given up with an earlier one of its publisher, to keep their order`;
      this.#take(pending.id)?.reject(new StoreUnavailableError(text, undefined, { cause }));
    }
  }

  #lateError({ call, name }: PendingCall): Error {
    const { timeoutMs, reason } = this.#options;
    if (call === undefined) {
      return new TimeoutError(`The store did not answer "${name}" within ${timeoutMs} ms (\`callTimeoutMs\`)`);
    }
    return new StoreUnavailableError(
      `The store could not be reached within ${timeoutMs} ms (\`callTimeoutMs\`) for "${name}"`,
      undefined,
      { cause: reason() },
    );
  }
}

/** Order key of a publication that must not overtake others: its publisher and channel. */
function orderOf({ call, again }: PendingCall): string | undefined {
  const { orderedBy, keys = [] } = call ?? again ?? {};
  return orderedBy === undefined ? undefined : `${orderedBy} ${keys[0] ?? ''}`;
}
