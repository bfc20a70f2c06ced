import type { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { ResourceLimitError, TimeoutError, dehydrateError } from 'sc-protocol';
import type { Call } from '../commands/call.js';
import { confirmOrder, giveOrder, joinOrders, leaveOrders } from '../commands/orders.js';
import type { OrderListener } from '../order-store.js';
import { decodeValue, encodeValue } from '../values.js';
import type { Encoded } from '../values.js';
import type { ControlLane } from './link/subscriptions.js';

interface Given {
  readonly number: number;
  readonly data: Encoded;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  isAsked: boolean;
}

export interface OrderLaneOptions {
  readonly lane: ControlLane;
  /** Whether the store runs on this machine, so that it can detect the end of this process. */
  readonly isLocal: boolean;
  /** Milliseconds for every process to confirm an order. The store delivers it for longer. */
  readonly timeoutMs: number;
  readonly onError: (error: Error) => void;
}

const maxGivenOrders = 10_000;
/** Maximum number of issuers whose last order number is kept. */
const maxGivers = 10_000;
/** Maximum number of failures kept, in case the store restarts before it has reported them to the issuer. */
const maxFailures = 1000;
/** Maximum length of a failure message in characters. */
const maxFailureLength = 500;

/**
 * The client side of the orders of one store. Issues orders, resends them after a reconnect if necessary, and executes
 * the orders of all processes, each once.
 */
export class OrderLane {
  readonly #options: OrderLaneOptions;
  readonly #id = randomBytes(12).toString('base64url');
  readonly #listeners = new Set<OrderListener>();
  readonly #given = new Map<number, Given>();
  /** Number of the last order of each issuer. */
  readonly #lastOf = new Map<string, number>();
  /** Orders being executed. The promise resolves with the failure message, if any. */
  readonly #running = new Map<string, Promise<string | undefined>>();
  /** Failure messages of received orders. */
  readonly #failures = new Map<string, string>();
  /** Id of the store that was joined last. */
  #store: string | undefined;
  #number = 0;

  constructor(options: OrderLaneOptions) {
    this.#options = options;
  }

  listen(listener: OrderListener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1 && this.#options.lane.isOpen) this.#join();
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0 || !this.#options.lane.isOpen) return;
      this.#control(leaveOrders.call());
    };
  }

  /** Issues an order. Resolves when every process has executed it. */
  give(data: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#given.size >= maxGivenOrders) {
        reject(
          new ResourceLimitError(`At most ${maxGivenOrders} orders of a process may wait for their confirmation`, {
            limit: 'maxGivenOrders',
            max: maxGivenOrders,
          }),
        );
        return;
      }
      const encoded = encodeValue(data);
      const number = ++this.#number;
      const { timeoutMs } = this.#options;
      const timer = setTimeout(() => this.#refused(given, lateError(timeoutMs)), timeoutMs);
      const given: Given = { number, data: encoded, resolve, reject, timer, isAsked: false };
      this.#given.set(number, given);
      if (this.#options.lane.isOpen) this.#ask(given);
    });
  }

  /** Joins again and resends unconfirmed orders after a reconnect, one per step. */
  *renewal(): Generator<void, void> {
    if (this.#listeners.size > 0) this.#join();
    for (const given of this.#given.values()) {
      if (given.isAsked) continue;
      this.#ask(given);
      yield;
    }
  }

  lost(): void {
    for (const given of this.#given.values()) given.isAsked = false;
  }

  /** The client is closed. Leaves, so that the store does not wait for this process. */
  end(error: Error): void {
    if (this.#listeners.size > 0 && this.#options.lane.isOpen) this.#control(leaveOrders.call());
    this.#listeners.clear();
    for (const given of [...this.#given.values()]) this.#refused(given, error);
  }

  /** An order has arrived. */
  take(giver: string, giverNumber: number, number: number, buffer: Buffer, start: number, end: number): void {
    const key = `${giverNumber} ${giver}`;
    if (giverNumber > (this.#lastOf.get(giver) ?? 0)) {
      // Move to the end: evict the least recently active issuers first.
      this.#lastOf.delete(giver);
      this.#lastOf.set(giver, giverNumber);
      if (this.#lastOf.size > maxGivers) for (const [oldest] of this.#lastOf) if (this.#lastOf.delete(oldest)) break;
      const done = this.#carryOut(decodeValue(buffer, start, end), key);
      if (done !== undefined) {
        this.#running.set(key, done);
        void done.then((failure) => {
          this.#running.delete(key);
          if (failure !== undefined) this.#failed(key, failure);
        });
      }
    }
    const running = this.#running.get(key);
    if (running === undefined) this.#confirm(number, this.#failures.get(key));
    else void running.then((failure) => this.#confirm(number, failure));
  }

  /** Returns a promise if a listener is asynchronous or fails. It never rejects. A failed order is not retried. */
  #carryOut(data: unknown, id: string): Promise<string | undefined> | undefined {
    const running: Promise<string | undefined>[] = [];
    for (const listener of [...this.#listeners]) {
      try {
        const result = listener.order(data, id);
        if (result !== undefined) running.push(Promise.resolve(result).then(() => undefined, messageOf));
      } catch (error) {
        running.push(Promise.resolve(messageOf(error)));
      }
    }
    if (running.length === 0) return undefined;
    return Promise.all(running).then((failures) => failures.find((failure) => failure !== undefined));
  }

  #failed(key: string, failure: string): void {
    this.#failures.set(key, failure);
    if (this.#failures.size > maxFailures)
      for (const [oldest] of this.#failures) if (this.#failures.delete(oldest)) break;
  }

  #confirm(number: number, failure: string | undefined): void {
    if (this.#options.lane.isOpen) this.#control(confirmOrder.call(number, failure));
  }

  #join(): void {
    const { lane, isLocal } = this.#options;
    const call = joinOrders.call({ id: this.#id, store: this.#store, pid: isLocal ? process.pid : undefined });
    lane.control({
      call,
      settled: (buffer, start, end) => {
        const { store, isComplete } = call.decode(buffer, start, end);
        this.#store = store;
        if (!isComplete) for (const listener of [...this.#listeners]) listener.missed();
      },
      failed: this.#options.onError,
    });
  }

  #ask(given: Given): void {
    given.isAsked = true;
    this.#options.lane.control({
      call: giveOrder.call(this.#id, given.number, given.data),
      settled: () => {
        this.#forget(given);
        given.resolve();
      },
      failed: (error) => this.#refused(given, error),
    });
  }

  #control(call: Call): void {
    this.#options.lane.control({
      call,
      settled: () => undefined,
      failed: this.#options.onError,
    });
  }

  #refused(given: Given, error: Error): void {
    if (this.#forget(given)) given.reject(error);
  }

  #forget(given: Given): boolean {
    clearTimeout(given.timer);
    return this.#given.delete(given.number);
  }
}

function messageOf(error: unknown): string {
  return dehydrateError(error).message.slice(0, maxFailureLength);
}

function lateError(timeoutMs: number): Error {
  return new TimeoutError(
    `Not every process has confirmed the order within ${timeoutMs} ms; one that is away gets it when it is back`,
  );
}
