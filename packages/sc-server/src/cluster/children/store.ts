import { rmSync } from 'node:fs';
import { NdataServer, type StoreController } from 'ndata-store';
import { joinPool } from 'sc-worker-pool/child';
import { loadController } from './load-controller.js';
import type { FromStore, StoreInit, ToStore } from './messages.js';
import { reportOfStore } from '../../metrics/store-report.js';
import { createProcessLog } from './process-log.js';
import { reportLoad } from './report-load.js';

const seat = joinPool<StoreInit, ToStore, FromStore>();
const { logLevel, socketPath, secret, controllerPath, storeOptions, settings, returningClients } = await seat.init;
const { logger, setLevel } = createProcessLog({ role: 'store', id: seat.id }, logLevel, seat);
const { persist, isFolderTemporary, ...limits } = settings;
const temporaryFolder = isFolderTemporary ? persist?.folder : undefined;
const onRestoreFailed = (error: unknown) => logger.error('The socket of the store cannot be restored', { error });
// Recover before the controller runs, so that it finds the persisted data.
const server = recoverStore();
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
  try {
    await server.close();
  } finally {
    stopReporting();
    removeTemporaryFolder();
  }
});
seat.ready();

/** Throws `StartError` if the data cannot be recovered, except for temporary history in the runtime directory. */
function recoverStore(): NdataServer {
  if (temporaryFolder === undefined) return createStore(persist);
  try {
    return createStore(persist);
  } catch (error) {
    logger.error('The history in the runtime directory cannot be recovered; channels begin anew', { error });
  }
  try {
    removeTemporaryFolder();
    return createStore(persist);
  } catch (error) {
    logger.error('The runtime directory takes no history; the store keeps it in memory only', { error });
    return createStore(undefined);
  }
}

function createStore(given: typeof persist): NdataServer {
  const made = new NdataServer({
    ...limits,
    returningClients,
    ...(given !== undefined && { persist: given }),
    socketPath,
    secret,
    id: seat.id,
    storeOptions,
    sendToMaster: (data) => seat.send({ type: 'store-message', data }),
  });
  made.on('error', (error) => logger.error('Store error', { error }));
  made.recover();
  return made;
}

function removeTemporaryFolder(): void {
  if (temporaryFolder !== undefined) rmSync(temporaryFolder, { recursive: true, force: true });
}
