import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { NdataClusterClient } from 'ndata-store';
import { TlsTermination } from 'sc-balancer';
import { joinPool } from 'sc-worker-pool/child';
import { createEntryLogger } from '../../log/central-log.js';
import type { Rule } from '../../kit/options/check.js';
import { httpTimeouts } from '../../server/http-timeouts.js';
import { serverRules } from '../../server/options.js';
import { SCServer } from '../../server/sc-server.js';
import { loadController } from './load-controller.js';
import type { FromWorker, ToWorker, WorkerInit } from './messages.js';
import { unpackKeys, unpackTlsOptions } from '../tls/portable.js';
import { SCWorker } from './sc-worker.js';
import { receiveConnections } from './connections.js';
import { reportLoad } from './report-load.js';

const seat = joinPool<WorkerInit, ToWorker, FromWorker>();
const init = await seat.init;
const { delivery } = init;
const logger = createEntryLogger({ role: 'worker', id: seat.id, pid: process.pid }, (entry) =>
  seat.send({ type: 'log', entry }),
);
const store = new NdataClusterClient({ shards: init.stores, secret: init.storeSecret });
store.on('error', (error) => logger.warn('A store link failed', { error }));

const portableTls = delivery.type === 'hand-off' ? delivery.tls : undefined;
const tls =
  portableTls &&
  new TlsTermination(unpackTlsOptions(portableTls), (options) => createHttpsServer({ ...options, ...httpTimeouts }));
const httpServer = tls?.server ?? createHttpServer(httpTimeouts);
const scServer = SCServer.attach(httpServer, { ...init.server, store, logger });
const worker = new SCWorker({
  id: seat.id,
  options: { ...withoutSecrets(init.server), appName: init.appName, workers: init.workers, port: init.port },
  httpServer,
  scServer,
  sendToMaster: (data) => seat.send({ type: 'worker-message', data }),
});

const run = await loadController<SCWorker>(init.controllerPath, 'worker');
await run(worker);

const connections = await receiveConnections(delivery, httpServer, tls, (message) =>
  seat.send({ type: 'hand-off', message }),
);
seat.onMessage((message, handle) => {
  switch (message.type) {
    case 'hand-off':
      connections.handleMessage(message.message, handle);
      break;
    case 'unreachable':
      connections.becomeUnreachable();
      break;
    case 'tls':
      tls?.replace(unpackTlsOptions(message.tls));
      break;
    case 'ticket-keys':
      tls?.setTicketKeys(unpackKeys(message.keys));
      break;
    case 'drain':
      void scServer.drain(message.overMs).then(
        () => seat.send({ type: 'drained' }),
        (error: unknown) => seat.fail(error),
      );
      break;
    case 'master-message':
      worker.emit('masterMessage', message.data);
      break;
    default:
      message satisfies never;
  }
});
const stopReporting = reportLoad(
  () => {
    const { clients, overloaded, framesReceived, framesSent } = scServer.stats();
    return { connections: connections.count, clients, overloaded, framesReceived, framesSent };
  },
  (message) => seat.send(message),
);
seat.onStop(async () => {
  stopReporting();
  // What a balancer that does not know yet sends here is served, and not cut with the listener.
  await connections.untilUnreachable();
  const drained = connections.drain();
  await scServer.close();
  await drained;
  await store.close();
});
seat.ready();

/** What the controller may see, and may log. */
function withoutSecrets(options: object): object {
  const rules: Readonly<Record<string, Rule>> = serverRules;
  return Object.fromEntries(Object.entries(options).filter(([name]) => rules[name]?.secret !== true));
}
