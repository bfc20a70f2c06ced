import { NdataClusterClient } from 'ndata-store';
import { askCluster, type StoreAccess } from 'sc-server/tools';
import type { Terminal } from '../terminal.js';

const accessDeadlineMs = 5_000;
const connectTimeoutMs = 5_000;

/** Runs an action with a client of the stores of a running cluster. */
export async function withStores<Result>(
  controlPath: string,
  terminal: Terminal,
  action: (store: NdataClusterClient) => Promise<Result>,
): Promise<Result> {
  const access = (await askCluster(controlPath, 'store-access', { deadlineMs: accessDeadlineMs })) as StoreAccess;
  const store = new NdataClusterClient({ ...access, connectTimeoutMs });
  store.on('error', (error) => terminal.say(error.message));
  try {
    return await action(store);
  } finally {
    await store.close();
  }
}
