import { NdataStore } from 'ndata-store';
import type { Logger } from '../log/logger.js';

/** The store of a server that was given none. What it has to tell goes to the log. */
export function createOwnStore(logger: Logger): NdataStore {
  const store = new NdataStore();
  store.on('error', (error) => logger.warn('The store has a fault', { error }));
  return store;
}
