import { NdataServer, type StoreController } from 'ndata-store';
import { joinPool } from 'sc-worker-pool/child';
import { createEntryLogger } from '../../log/central-log.js';
import { loadController } from './load-controller.js';
import type { FromStore, StoreInit, ToStore } from './messages.js';
import { reportLoad } from './report-load.js';

const seat = joinPool<StoreInit, ToStore, FromStore>();
const { socketPath, secret, controllerPath, storeOptions } = await seat.init;
const logger = createEntryLogger({ role: 'store', id: seat.id, pid: process.pid }, (entry) =>
  seat.send({ type: 'log', entry }),
);
const server = new NdataServer({
  socketPath,
  secret,
  id: seat.id,
  storeOptions,
  sendToMaster: (data) => seat.send({ type: 'store-message', data }),
});
server.on('error', (error) => logger.error('The store has a fault', { error }));
// A controller finds the data that the store keeps.
server.recover();
if (controllerPath !== undefined) {
  const run = await loadController<StoreController>(controllerPath, 'store');
  await run(server.store);
}
await server.listen();
seat.onMessage(({ data }) => server.store.receiveFromMaster(data));
const stopReporting = reportLoad(
  () => {
    const { commands, limitHits } = server.store.statistics();
    return { connections: server.clients, commands, limitHits };
  },
  (message) => seat.send(message),
);
seat.onStop(() => {
  stopReporting();
  return server.close();
});
seat.ready();
