import { BadConnectionError, StoreUnavailableError } from 'sc-protocol';
import type { Call } from '../../commands/call.js';
import type { ControlCall } from './pending-calls.js';
import type { ControlLane } from './subscriptions.js';

interface Retained {
  readonly call: Call;
  /** Whether the call was sent on the current link. */
  isAsked: boolean;
  /** Settles the promises of `retain`. `undefined` after the first response. */
  waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void; timer: NodeJS.Timeout } | undefined;
}

export interface RetainedCallsOptions {
  readonly lane: ControlLane;
  readonly timeoutMs: number;
  /** Returns why the store cannot be reached, if known. */
  readonly reason: () => Error | undefined;
  /** The store rejected a resent call that had succeeded before. */
  readonly onFail: (error: Error) => void;
}

/** Commands whose effect ends with the link. Resends them on each new link. */
export class RetainedCalls {
  readonly #options: RetainedCallsOptions;
  readonly #calls = new Map<string, Retained>();
  /** Undo calls in flight. */
  readonly #undoing = new Set<(error: Error) => void>();

  constructor(options: RetainedCallsOptions) {
    this.#options = options;
  }

  retain(id: string, call: Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { timeoutMs } = this.#options;
      const timer = setTimeout(() => this.#refused(id, retained, this.#lateError(call)), timeoutMs);
      const retained: Retained = { call, isAsked: false, waiting: { resolve, reject, timer } };
      const before = this.#calls.get(id);
      this.#calls.set(id, retained);
      // Settle a replaced call that was never sent with the response to this one.
      if (before?.isAsked === false) this.#settleWith(before, retained);
      if (this.#options.lane.isOpen) this.#ask(id, retained);
    });
  }

  release(id: string, undo: Call): Promise<unknown> {
    const retained = this.#calls.get(id);
    this.#calls.delete(id);
    if (retained?.isAsked === false) this.#settle(retained, undefined);
    // The effect has ended with the link.
    if (!this.#options.lane.isOpen) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const lost = (error: Error): void => {
        this.#undoing.delete(lost);
        if (error instanceof BadConnectionError) resolve(undefined);
        else reject(error);
      };
      this.#undoing.add(lost);
      this.#options.lane.control({
        call: undo,
        settled: (buffer, start, end) => {
          this.#undoing.delete(lost);
          resolve(undo.decode(buffer, start, end));
        },
        failed: lost,
      });
    });
  }

  /** Resends all retained calls, one per step. */
  *renewal(): Generator<void, void> {
    for (const [id, retained] of this.#calls) {
      if (retained.isAsked) continue;
      this.#ask(id, retained);
      yield;
    }
  }

  lost(): void {
    for (const retained of this.#calls.values()) retained.isAsked = false;
    for (const lost of [...this.#undoing]) lost(new BadConnectionError('The link to the store was lost'));
  }

  end(error: Error): void {
    for (const [id, retained] of [...this.#calls])
      if (retained.waiting !== undefined) this.#refused(id, retained, error);
    this.#calls.clear();
    for (const lost of [...this.#undoing]) lost(error);
  }

  #lateError({ name }: Call): Error {
    const { timeoutMs, reason } = this.#options;
    const text = `The store did not take "${name}" within ${timeoutMs} ms (\`callTimeoutMs\`)`;
    return new StoreUnavailableError(text, undefined, { cause: reason() });
  }

  #ask(id: string, retained: Retained): void {
    retained.isAsked = true;
    const control: ControlCall = {
      call: retained.call,
      settled: (buffer, start, end) => {
        if (retained.waiting !== undefined) this.#settle(retained, retained.call.decode(buffer, start, end));
      },
      failed: (error) => this.#refused(id, retained, error),
    };
    this.#options.lane.control(control);
  }

  #settleWith(before: Retained, next: Retained): void {
    const { waiting } = next;
    const old = before.waiting;
    if (waiting === undefined || old === undefined) return;
    clearTimeout(old.timer);
    const { resolve, reject } = waiting;
    next.waiting = {
      ...waiting,
      resolve: (value) => [old.resolve, resolve].forEach((settle) => settle(value)),
      reject: (error) => [old.reject, reject].forEach((settle) => settle(error)),
    };
  }

  #settle(retained: Retained, value: unknown): void {
    clearTimeout(retained.waiting?.timer);
    retained.waiting?.resolve(value);
    retained.waiting = undefined;
  }

  #refused(id: string, retained: Retained, error: Error): void {
    const { waiting } = retained;
    retained.waiting = undefined;
    if (this.#calls.get(id) === retained) this.#calls.delete(id);
    else if (waiting === undefined) return;
    clearTimeout(waiting?.timer);
    if (waiting === undefined) this.#options.onFail(error);
    else waiting.reject(error);
  }
}
