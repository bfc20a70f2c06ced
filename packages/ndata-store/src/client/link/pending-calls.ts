import type { Buffer } from 'node:buffer';
import { StoreUnavailableError, TimeoutError } from 'sc-protocol';
import type { Call, ReplyDecoder } from '../../commands/call.js';
import { onDeadline } from '../../deadline.js';

export interface PendingCall {
  readonly id: number;
  readonly name: string;
  readonly decode: ReplyDecoder<unknown>;
  /** The call to send; `undefined` after it was sent, so that an unanswered call does not retain its payload. */
  call: Call | undefined;
  /** The same of one that is sent again when the link was lost. */
  again: Call | undefined;
  /** Bytes it takes while it waits to be sent. */
  readonly bytes: number;
  readonly deadlineAt: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A call of the link's own traffic: subscriptions, retained calls, probes. It counts against no limit and has no
 * deadline: it is answered, or the link is lost, which its owner learns from the link.
 */
export interface ControlCall {
  readonly call: Call;
  /** The reply lies in the buffer from `start` to `end`. */
  settled(buffer: Buffer, start: number, end: number): void;
  failed(error: Error): void;
}

export interface PendingCallsOptions {
  readonly timeoutMs: number;
  /** Why the store cannot be reached, if that is known. */
  readonly reason: () => Error | undefined;
}

/** The calls that have no answer yet. One timer serves them all: they time out in the order they were made. */
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

  /** Control calls that have no answer yet. */
  get controlSize(): number {
    return this.#control.size;
  }

  /** Bytes of the calls that wait to be sent. */
  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  /** Whether the store owes an answer on this link. */
  get expectsAnswer(): boolean {
    return this.#control.size > 0 || this.#calls.size > this.#unsentCount;
  }

  deadline(): number {
    return performance.now() + this.#options.timeoutMs;
  }

  /** The id of the next call; ids go round, 0 stands for no answer. */
  takeId(): number {
    const id = this.#nextId;
    this.#nextId = id === 0xffffffff ? 1 : id + 1;
    // After a round of four billion, an id may still be in use.
    return this.#calls.has(id) || this.#control.has(id) ? this.takeId() : id;
  }

  /** Adds a call that is still to be sent. */
  add(call: PendingCall): void {
    this.#calls.set(call.id, call);
    this.#unsentCount++;
    this.#unsentBytes += call.bytes;
    if (this.#stopTimer === undefined) this.#startTimer(call);
  }

  /** Returns what is to be sent for the call, which waits for its answer from now on. */
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

  /** Answers the call of this id, unless it has timed out. Hot path. */
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
   * The link is lost: fails the calls that were sent, whose outcome is unknown, but for those that may be sent again, and
   * forgets the control calls.
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

  /** Resolves when no call and no control call waits. */
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

  /** It waits again, in its old place and with its old deadline. */
  #sendAgain(pending: PendingCall, call: Call): void {
    pending.call = call;
    pending.again = undefined;
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
   * Gives up calls behind one of their order that was given up, because it may be sent again elsewhere, and they would overtake
   * it: those that wait fail, and those that were sent are not sent again on another link.
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

/** The publisher and channel of a publication that must not overtake others. */
function orderOf({ call, again }: PendingCall): string | undefined {
  const { orderedBy, keys = [] } = call ?? again ?? {};
  return orderedBy === undefined ? undefined : `${orderedBy} ${keys[0] ?? ''}`;
}
