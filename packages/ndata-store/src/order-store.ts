/** Receives the orders of all processes that share a store. */
export interface OrderListener {
  /**
   * Executes an order. The order is confirmed when the returned promise, if any, has resolved. If the listener throws
   * or rejects, the message is reported to the issuer. An order has the same id in every process.
   */
  order(data: unknown, id: string): void | Promise<void>;
  /** This process was disconnected for so long that it may have missed orders. */
  missed(): void;
}

/**
 * Orders to all processes that share a store. Each process receives every order once and in order, even after a link
 * loss. Orders are not publications, so no channel name gives access to them.
 */
export interface OrderStore {
  /**
   * Resolves when every process that takes orders has executed the order or has ended. If one fails, it rejects with
   * `OrderError` after all have responded. If one does not respond in time, it rejects with `TimeoutError`; the store
   * retains the order and delivers it when that process reconnects.
   */
  giveOrder(data: unknown): Promise<void>;
  /** Starts taking orders. Returns a function that stops it. */
  takeOrders(listener: OrderListener): () => void;
}
