import { NdataStore, type ChannelRules } from 'ndata-store';
import type { Logger } from '../log/logger.js';

/** Creates the store of a server that has no option `store`, and logs its errors. */
export function createOwnStore(logger: Logger, channels?: ChannelRules): NdataStore {
  const store = new NdataStore(channels === undefined ? {} : { channels });
  store.on('error', (error) => logger.warn('Store error', { error }));
  return store;
}
