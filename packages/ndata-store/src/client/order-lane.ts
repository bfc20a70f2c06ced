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
  /** Whether the store runs on this machine, so that it can see when this process ends. */
  readonly isLocal: boolean;
  /** Milliseconds for an order to be confirmed by every process. A store delivers it for longer. */
  readonly timeoutMs: number;
  readonly onError: (error: Error) => void;
}

const maxGivenOrders = 10_000;
/** Givers whose last number is remembered. */
const maxGivers = 10_000;
/** Failures that are remembered, in case the store that was told of them restarts before it has told the issuer. */
const maxFailures = 1000;
/** Most characters of the message of a failure. */
const maxFailureLength = 500;

/**
 * A client's end of the orders of one store: gives orders, again to the store that comes back if it must, and takes those of
 * all processes, each once.
 */
export class OrderLane {
  readonly #options: OrderLaneOptions;
  readonly #id = randomBytes(12).toString('base64url');
  readonly #listeners = new Set<OrderListener>();
  readonly #given = new Map<number, Given>();
  /** The last order of each giver. */
  readonly #lastOf = new Map<string, number>();
  /** Orders that are being carried out: resolves with why that failed, if it did. */
  readonly #running = new Map<string, Promise<string | undefined>>();
  /** Why orders that arrived could not be carried out. */
  readonly #failures = new Map<string, string>();
  /** The store that was joined last. */
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

  /** Resolves when every process has carried it out. */
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

  /** Tells the store that comes back what the last one knew, one at each step. */
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

  /** The client ends. Tells the store not to wait for it. */
  end(error: Error): void {
    if (this.#listeners.size > 0 && this.#options.lane.isOpen) this.#control(leaveOrders.call());
    this.#listeners.clear();
    for (const given of [...this.#given.values()]) this.#refused(given, error);
  }

  /** An order has arrived. */
  take(giver: string, giverNumber: number, number: number, buffer: Buffer, start: number, end: number): void {
    const key = `${giverNumber} ${giver}`;
    if (giverNumber > (this.#lastOf.get(giver) ?? 0)) {
      // Moved to the end: the givers that were heard of last are remembered.
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

  /** Returns a promise when a listener takes time or fails. It never rejects. An order that failed is not tried again. */
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
