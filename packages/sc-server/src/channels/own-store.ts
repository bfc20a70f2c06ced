import { NdataStore, type ChannelRules } from 'ndata-store';
import type { Logger } from '../log/logger.js';

/** The store of a server that was given none. What it has to tell goes to the log. */
export function createOwnStore(logger: Logger, channels?: ChannelRules): NdataStore {
  const store = new NdataStore(channels === undefined ? {} : { channels });
  store.on('error', (error) => logger.warn('The store has a fault', { error }));
  return store;
}
