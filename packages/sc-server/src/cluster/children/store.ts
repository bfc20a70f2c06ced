import { NdataServer, type StoreController } from 'ndata-store';
import { joinPool } from 'sc-worker-pool/child';
import { loadController } from './load-controller.js';
import type { FromStore, StoreInit, ToStore } from './messages.js';
import { reportOfStore } from '../../metrics/store-report.js';
import { createProcessLog } from './process-log.js';
import { reportLoad } from './report-load.js';

const seat = joinPool<StoreInit, ToStore, FromStore>();
const { logLevel, socketPath, secret, controllerPath, storeOptions, settings } = await seat.init;
const { logger, setLevel } = createProcessLog({ role: 'store', id: seat.id }, logLevel, seat);
const server = new NdataServer({
  ...settings,
  socketPath,
  secret,
  id: seat.id,
  storeOptions,
  sendToMaster: (data) => seat.send({ type: 'store-message', data }),
});
server.on('error', (error) => logger.error('Store error', { error }));
const onRestoreFailed = (error: unknown) => logger.error('The socket of the store cannot be restored', { error });
// A controller finds the data that the store keeps.
server.recover();
if (controllerPath !== undefined) {
  const run = await loadController<StoreController>(controllerPath, 'store');
  await run(server.store);
}
await server.listen();
seat.onMessage((message) => {
  if (message.type === 'log-level') setLevel(message.level);
  else if (message.type === 'restore-socket') server.restoreSocket().catch(onRestoreFailed);
  else server.store.receiveFromMaster(message.data);
});
const stopReporting = reportLoad(() => {
  const statistics = server.store.statistics();
  const { commands, limitHits, unconfirmedOrders, logFailures } = statistics;
  const metrics = reportOfStore(statistics);
  return { connections: server.clients, commands, limitHits, unconfirmedOrders, logFailures, metrics };
}, seat);
seat.onStop(async () => {
  await server.close();
  stopReporting();
});
seat.ready();
