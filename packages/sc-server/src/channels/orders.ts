import { InvalidArgumentsError } from 'sc-protocol';
import type { OrderStore } from 'ndata-store';
import type { Logger } from '../log/logger.js';
import { RecentOrders } from './recent-orders.js';

/** Carries out a kind of order in one process. Only this package creates orders, so their shape matches their kind. */
export type CarryOut<Order> = (order: Order, id: string) => void | Promise<void>;

interface Envelope {
  readonly kind: string;
  readonly order: unknown;
}

/**
 * Orders of one process to all processes of a cluster, this one included. Each process carries out each order once, in the
 * order in which they were given, also when its link to the store was away meanwhile. They do not travel as publications:
 * no name of a channel leads here.
 */
export class Orders {
  /** For sockets that move from one process to another. */
  readonly recent = new RecentOrders();
  readonly #store: OrderStore;
  readonly #logger: Logger;
  readonly #kinds = new Map<string, CarryOut<unknown>>();
  #stop: (() => void) | undefined;

  constructor(store: OrderStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Carries out the orders of this kind from now on. Returns a function that ends it. */
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
   * Resolves when every process has carried it out, or has ended. Rejects with `OrderError` when a process could not, and when
   * the store cannot be reached or a process does not answer in time; the store delivers what it has taken all the same.
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
