import { OrderError, ResourceLimitError } from 'sc-protocol';
import type { StoredValue } from '../values.js';

/** An instruction that every process must execute, once and in the order of issue. */
export interface Order {
  /** Sequence number of the order in this store. */
  readonly number: number;
  /** The issuer of the order, and its number among the orders of this issuer. */
  readonly giver: string;
  readonly giverNumber: number;
  readonly data: StoredValue;
}

export interface OrderTaker {
  order(order: Order): void;
}

export interface JoinedOrders {
  readonly id: string;
  /** The store that the member joined before, if any. */
  readonly store: string | undefined;
  /** Process id, if the member runs on this machine. */
  readonly pid: number | undefined;
}

interface Member {
  readonly id: string;
  readonly pid: number | undefined;
  taker: OrderTaker | undefined;
  /** When the link was lost. */
  absentSince: number;
}

interface Retained {
  readonly order: Order;
  /** Members that have not confirmed the order. */
  readonly waitsFor: Set<string>;
  /** Failure messages of members. */
  readonly failures: string[];
  readonly settled: Promise<void>;
  readonly settle: (error: Error | undefined) => void;
}

export interface OrdersOptions {
  readonly store: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Whether a process on this machine is still running. */
  readonly isRunning?: (pid: number) => boolean;
}

/** Milliseconds after which a disconnected member is removed. */
export const memberForgetMs = 120_000;
/** Milliseconds for members to return after a store restart. No order counts as confirmed by all before that. */
export const returnMs = 5_000;
export const maxRetainedOrders = 10_000;
const maxRetainedBytes = 16 * 1024 * 1024;

/**
 * Orders from one process to all processes. An order is retained until every member has confirmed it; a disconnected
 * member gets it after the reconnect. A member is removed when it leaves, when its process has ended, or when it was
 * disconnected for too long. In the last case it is notified of the gap if it returns.
 */
export class Orders {
  readonly #options: OrdersOptions;
  readonly #isRunning: (pid: number) => boolean;
  readonly #members = new Map<string, Member>();
  readonly #byTaker = new Map<OrderTaker, Member>();
  readonly #retained = new Map<number, Retained>();
  /** Retained orders by issuer and the issuer's number. */
  readonly #byGiver = new Map<string, Retained>();
  readonly #startedAt: number;
  #bytes = 0;
  #number = 0;
  /** Until this time, members from before the restart of the store may return. */
  #isCompleteAt = 0;

  constructor(options: OrdersOptions) {
    this.#options = options;
    this.#isRunning = options.isRunning ?? isRunning;
    this.#startedAt = options.now();
  }

  /** Number of orders that are not confirmed by all members. */
  get size(): number {
    return this.#retained.size;
  }

  /** Adds a member and delivers its unconfirmed orders. Returns whether it has missed no order. */
  join(taker: OrderTaker, { id, store, pid }: JoinedOrders): boolean {
    const known = this.#members.get(id);
    if (known?.taker !== undefined) this.#byTaker.delete(known.taker);
    const member: Member = known ?? { id, pid, taker, absentSince: 0 };
    member.taker = taker;
    this.#members.set(id, member);
    this.#byTaker.set(taker, member);
    const isFromBefore = store !== undefined && store !== this.#options.store;
    if (isFromBefore && this.#isCompleteAt === 0) this.#isCompleteAt = this.#startedAt + returnMs;
    for (const { order, waitsFor } of this.#retained.values()) {
      // A member from before the restart may have missed orders that were issued since.
      if (isFromBefore && known === undefined) waitsFor.add(id);
      if (waitsFor.has(id)) taker.order(order);
    }
    return known !== undefined || store !== this.#options.store;
  }

  /** The member no longer takes orders. */
  leave(taker: OrderTaker): void {
    const member = this.#byTaker.get(taker);
    if (member !== undefined) this.#forget(member);
  }

  /** The link of a member is lost. */
  lost(taker: OrderTaker): void {
    const member = this.#byTaker.get(taker);
    this.#byTaker.delete(taker);
    if (member === undefined) return;
    member.taker = undefined;
    member.absentSince = this.#options.now();
  }

  /**
   * Issues an order to every member. Settles when all have confirmed it; rejects with `OrderError` if one failed. The
   * same number of the same issuer is the same order. Throws `ResourceLimitError`.
   */
  give(giver: string, giverNumber: number, data: StoredValue): Promise<void> {
    this.sweep();
    const same = this.#byGiver.get(`${giverNumber} ${giver}`);
    if (same !== undefined) return same.settled;
    this.#admit(data.length);
    const order: Order = { number: ++this.#number, giver, giverNumber, data };
    let settle: Retained['settle'] = () => undefined;
    const settled = new Promise<void>((resolve, reject) => {
      settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    const retained: Retained = { order, waitsFor: new Set(this.#members.keys()), failures: [], settled, settle };
    this.#retained.set(order.number, retained);
    this.#byGiver.set(`${giverNumber} ${giver}`, retained);
    this.#bytes += data.length;
    for (const { taker } of this.#members.values()) taker?.order(order);
    this.#settle(retained);
    return settled;
  }

  /** A member has executed an order, or reports why it failed. */
  confirm(taker: OrderTaker, number: number, failure?: string): void {
    const retained = this.#retained.get(number);
    const member = this.#byTaker.get(taker);
    if (retained === undefined || member === undefined || !retained.waitsFor.delete(member.id)) return;
    if (failure !== undefined) retained.failures.push(failure);
    this.#settle(retained);
  }

  /** Removes members that will not return. */
  sweep(): void {
    const now = this.#options.now();
    for (const member of [...this.#members.values()]) {
      if (member.taker !== undefined) continue;
      const hasEnded = member.pid !== undefined && !this.#isRunning(member.pid);
      if (hasEnded || now - member.absentSince >= memberForgetMs) this.#forget(member);
    }
    if (this.#isCompleteAt > 0) for (const retained of [...this.#retained.values()]) this.#settle(retained);
  }

  #admit(bytes: number): void {
    if (this.#retained.size >= maxRetainedOrders) {
      throw new ResourceLimitError(`At most ${maxRetainedOrders} orders may wait for their confirmation`, {
        limit: 'maxRetainedOrders',
        max: maxRetainedOrders,
      });
    }
    if (this.#bytes + bytes > maxRetainedBytes) {
      throw new ResourceLimitError(`At most ${maxRetainedBytes} bytes of orders may wait for their confirmation`, {
        limit: 'maxRetainedOrderBytes',
        max: maxRetainedBytes,
        actual: this.#bytes + bytes,
      });
    }
  }

  #forget(member: Member): void {
    this.#members.delete(member.id);
    if (member.taker !== undefined) this.#byTaker.delete(member.taker);
    for (const retained of [...this.#retained.values()]) {
      if (retained.waitsFor.delete(member.id)) this.#settle(retained);
    }
  }

  #settle({ order, waitsFor, failures, settle }: Retained): void {
    if (waitsFor.size > 0 || this.#options.now() < this.#isCompleteAt) return;
    if (!this.#retained.delete(order.number)) return;
    this.#byGiver.delete(`${order.giverNumber} ${order.giver}`);
    this.#bytes -= order.data.length;
    settle(failures.length === 0 ? undefined : failedError(failures));
  }
}

function failedError(failures: readonly string[]): OrderError {
  const count = failures.length;
  const who = count === 1 ? '1 process' : `${count} processes`;
  return new OrderError(`${who} could not carry out the order: ${[...new Set(failures)].slice(0, 3).join('; ')}`, {
    failed: count,
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
