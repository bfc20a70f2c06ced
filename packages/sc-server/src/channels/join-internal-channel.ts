import type { Exchange } from './exchange.js';
import type { Logger } from '../log/logger.js';

export interface InternalChannel {
  leave(): void;
}

const retryMs = 1_000;

/** Hears what other processes say on an internal channel; asks again for as long as the store refuses. */
export function joinInternalChannel<Order>(
  exchange: Exchange,
  name: string,
  logger: Logger,
  onOrder: (order: Order) => void,
): InternalChannel {
  const channel = exchange.channel(name);
  let retryTimer: NodeJS.Timeout | undefined;
  let hasLeft = false;
  // Clients cannot publish here, so an order is what another process of this cluster made.
  channel.watch((order) => onOrder(order as Order));
  channel.on('subscribeFail', (error) => {
    if (hasLeft) return;
    logger.warn(`The other processes cannot be heard on "${name}" at the moment`, { error });
    retryTimer = setTimeout(() => channel.subscribe(), retryMs).unref();
  });
  channel.subscribe();
  return {
    leave() {
      hasLeft = true;
      clearTimeout(retryTimer);
    },
  };
}
