import { InvalidArgumentsError } from 'sc-protocol';
import type { OrderStore } from 'ndata-store';
import type { Logger } from '../log/logger.js';
import { RecentOrders } from './recent-orders.js';

/** Handler of one kind of order in a process. Only this package creates orders, so their type matches their kind. */
export type CarryOut<Order> = (order: Order, id: string) => void | Promise<void>;

interface Envelope {
  readonly kind: string;
  readonly order: unknown;
}

/**
 * Orders from one process to all processes of a cluster, including itself. Each process carries out each order once, in
 * the order given, even after a temporary loss of its link to the store. Orders are not publications: no channel name
 * can address them.
 */
export class Orders {
  /** Recent orders, for sockets that move between processes. */
  readonly recent = new RecentOrders();
  readonly #store: OrderStore;
  readonly #logger: Logger;
  readonly #kinds = new Map<string, CarryOut<unknown>>();
  #stop: (() => void) | undefined;

  constructor(store: OrderStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Registers the handler of a kind of order. Returns a function that removes it. */
  on<Order>(kind: string, carryOut: CarryOut<Order>): () => void {
    if (this.#kinds.has(kind)) throw new InvalidArgumentsError(`Orders of the kind "${kind}" are carried out already`);
    this.#kinds.set(kind, carryOut as CarryOut<unknown>);
    this.#stop ??= this.#store.takeOrders({
      order: (data, id) => this.#carryOut(data as Envelope, id),
      missed: () =>
        this.#logger.error(
          'This process was without its store for so long that it may have missed orders about users and sessions',
        ),
    });
    return () => this.#kinds.delete(kind);
  }

  /**
   * Sends an order to all processes. Resolves when every process has carried it out or exited. Rejects with
   * `OrderError` if a process failed to carry it out, and also if the store cannot be reached or a process does not
   * respond in time; an order that the store has accepted is delivered even then.
   */
  give(kind: string, order: unknown): Promise<void> {
    return this.#store.giveOrder({ kind, order } satisfies Envelope);
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#kinds.clear();
  }

  async #carryOut({ kind, order }: Envelope, id: string): Promise<void> {
    try {
      await this.#kinds.get(kind)?.(order, id);
    } catch (error) {
      this.#logger.error(`An order of the kind "${kind}" could not be carried out`, { error });
      throw error;
    }
  }
}
