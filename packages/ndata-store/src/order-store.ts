/** Takes the orders of all processes that share a store. */
export interface OrderListener {
  /**
   * Carries an order out. The store waits for the promise, if there is one. The issuer of an order is told of what this throws
   * or rejects with, by its message. An order has the same id in every process.
   */
  order(data: unknown, id: string): void | Promise<void>;
  /** This process was away for so long that orders may have been given without it. */
  missed(): void;
}

/**
 * Orders to all processes that share a store: each gets every order once and in order, also one whose link was away. They do
 * not travel as publications, so no name of a channel leads to them.
 */
export interface OrderStore {
  /**
   * Resolves when every process that takes orders has carried it out or has ended. Rejects with `OrderError` when one could
   * not carry it out, once all have answered, and with `TimeoutError` when one does not answer: the order stays with the store,
   * and is carried out there when it does.
   */
  giveOrder(data: unknown): Promise<void>;
  /** Takes orders from now on. Returns a function that ends it. */
  takeOrders(listener: OrderListener): () => void;
}
