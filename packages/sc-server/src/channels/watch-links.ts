import type { Store } from 'ndata-store';
import type { Logger } from '../log/logger.js';

/** Logs the loss and the return of a store. Returns a function that stops it. */
export function watchLinks(store: Store, logger: Logger): () => void {
  const away = new Set<string>();
  const onLost = (shard: string, error: Error): void => {
    away.add(shard);
    logger.warn(`The link to the store ${shard} is lost; calls wait for it, and subscriptions are renewed`, { error });
  };
  const onReady = (shard: string): void => {
    if (away.delete(shard)) logger.info(`The store ${shard} is available again; subscriptions are renewed`);
  };
  store.on('shardLost', onLost);
  store.on('shardReady', onReady);
  return () => {
    store.off('shardLost', onLost);
    store.off('shardReady', onReady);
  };
}
