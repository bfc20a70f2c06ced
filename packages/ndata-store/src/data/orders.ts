import { OrderError, ResourceLimitError } from 'sc-protocol';
import type { StoredValue } from '../values.js';

/** Something that every process is to carry out, once and in the order given. */
export interface Order {
  /** Counts the orders of this store. */
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
  /** The store it had joined before, if any. */
  readonly store: string | undefined;
  /** Its process, when that runs on this machine. */
  readonly pid: number | undefined;
}

interface Member {
  readonly id: string;
  readonly pid: number | undefined;
  taker: OrderTaker | undefined;
  /** When its link was lost. */
  absentSince: number;
}

interface Retained {
  readonly order: Order;
  /** Members that have not confirmed it. */
  readonly waitsFor: Set<string>;
  /** Why members could not carry it out. */
  readonly failures: string[];
  readonly settled: Promise<void>;
  readonly settle: (error: Error | undefined) => void;
}

export interface OrdersOptions {
  readonly store: string;
  /** Milliseconds; never goes back. */
  readonly now: () => number;
  /** Whether a process of this machine still runs. */
  readonly isRunning?: (pid: number) => boolean;
}

/** Milliseconds after which an absent member is no longer waited for. */
export const memberForgetMs = 120_000;
/** After a restart, milliseconds that members of the store before have to come back before an order counts as confirmed by all. */
export const returnMs = 5_000;
export const maxRetainedOrders = 10_000;
const maxRetainedBytes = 16 * 1024 * 1024;

/**
 * Orders from one process to all of them. An order is retained until every member has confirmed it: one whose link was away
 * gets it when it is back. A member ends when it says so, when its process has ended, or when it was away for too long; it
 * is told of the last when it comes back all the same.
 */
export class Orders {
  readonly #options: OrdersOptions;
  readonly #isRunning: (pid: number) => boolean;
  readonly #members = new Map<string, Member>();
  readonly #byTaker = new Map<OrderTaker, Member>();
  readonly #retained = new Map<number, Retained>();
  /** The same, by giver and its number. */
  readonly #byGiver = new Map<string, Retained>();
  readonly #startedAt: number;
  #bytes = 0;
  #number = 0;
  /** Until then members of the store before this one may come back. */
  #isCompleteAt = 0;

  constructor(options: OrdersOptions) {
    this.#options = options;
    this.#isRunning = options.isRunning ?? isRunning;
    this.#startedAt = options.now();
  }

  /** Orders that are not confirmed by all. */
  get size(): number {
    return this.#retained.size;
  }

  /** Returns whether the member has missed nothing. It gets what it has not confirmed. */
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
      // One that comes from the store before may have missed what was given since.
      if (isFromBefore && known === undefined) waitsFor.add(id);
      if (waitsFor.has(id)) taker.order(order);
    }
    return known !== undefined || store !== this.#options.store;
  }

  /** The member needs no orders any more. */
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
   * Gives an order to every member. Settles when all have confirmed it; rejects with `OrderError` when one could not carry
   * it out. The same number of the same giver is the same order. Throws `ResourceLimitError`.
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

  /** A member has carried an order out, or says why it could not. */
  confirm(taker: OrderTaker, number: number, failure?: string): void {
    const retained = this.#retained.get(number);
    const member = this.#byTaker.get(taker);
    if (retained === undefined || member === undefined || !retained.waitsFor.delete(member.id)) return;
    if (failure !== undefined) retained.failures.push(failure);
    this.#settle(retained);
  }

  /** Forgets members that will not come back. */
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
