import type { SendHandle } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { NdataClusterClient } from 'ndata-store';
import { TlsTermination } from 'sc-balancer';
import { joinPool } from 'sc-worker-pool/child';
import { HttpConnections } from '../../server/http-connections.js';
import { bodyLimitsOf, httpSettings, nodeHttpOptions, withoutHttpOptions } from '../../server/http-timeouts.js';
import { serverDefaults, withoutSecrets } from '../../server/options.js';
import { SCServer } from '../../server/sc-server.js';
import { answerQuestion } from '../inspect/answer-question.js';
import { loadController } from './load-controller.js';
import type { FromWorker, ToWorker, WorkerInit } from './messages.js';
import { TlsStateFollower } from '../tls/apply.js';
import { unpackTlsOptions } from '../tls/portable.js';
import { SCWorker } from './sc-worker.js';
import { receiveConnections } from './connections.js';
import { createProcessLog } from './process-log.js';
import { reportLoad } from './report-load.js';
import { createMover } from './mover.js';
import { waitForStores } from './wait-for-stores.js';

/** How long an idle HTTP connection stays open in a reload, for a request that is in flight. */
const reloadLameDuckMs = 1_000;
/** The same when the cluster stops: only requests whose first bytes have arrived by then are served. */
const closingLameDuckMs = 20;

const seat = joinPool<WorkerInit, ToWorker, FromWorker>();
const init = await seat.init;
const { delivery } = init;
const { logger, setLevel } = createProcessLog({ role: 'worker', id: seat.id }, init.logLevel, seat);
const store = new NdataClusterClient({
  shards: init.stores,
  secret: init.storeSecret,
  ...(init.storeTls !== undefined && { tls: init.storeTls }),
  maxPendingCalls: init.maxStorePendingCalls,
});
store.on('error', (error) => logger.warn('A store link failed', { error }));
const lostShards = new Set<string>();
store.on('shardLost', (shard) => lostShards.add(shard));
store.on('shardReady', (shard) => {
  if (lostShards.delete(shard)) logger.info('A store link is back', { store: shard });
});

const tlsState = delivery.type === 'hand-off' ? delivery.tls : undefined;
const settings = httpSettings(init.server);
// Node's server never performs a handshake: TLS is terminated in front of it, where options can be changed.
const httpServer = tlsState
  ? createHttpsServer(nodeHttpOptions(settings))
  : createHttpServer(nodeHttpOptions(settings));
const http = HttpConnections.create(httpServer, bodyLimitsOf(settings));
http.startWithoutListening();
const tls = tlsState && {
  termination: new TlsTermination(unpackTlsOptions(tlsState.options), {
    onSecure: (client) => http.accept(client),
    onError: (error, client) => httpServer.emit('tlsClientError', error, client),
  }),
  state: tlsState,
};
const tlsFollower = tls && new TlsStateFollower(tls.termination, tls.state);
const scServer = SCServer.attach(httpServer, { ...withoutHttpOptions(init.server), store, logger });
const worker = new SCWorker({
  id: seat.id,
  options: { ...withoutSecrets(init.server), appName: init.appName, workers: init.workers, port: init.port },
  httpServer,
  scServer,
  logger,
  sendToMaster: (data) => seat.send({ type: 'worker-message', data }),
  leadsUntil: init.leadsUntil,
});

const run = await loadController<SCWorker>(init.controllerPath, 'worker');
await run(worker);

const connections = await receiveConnections(delivery, http, tls?.termination, (message) =>
  seat.send({ type: 'hand-off', message }),
);
const mover = createMover({
  sockets: scServer.sockets,
  logger,
  register: (connection) => connections.adopt(connection),
  send: (message, handle, written) => seat.send({ type: 'move', message }, handle as SendHandle | undefined, written),
});
let lameDuckMs = reloadLameDuckMs;
seat.onMessage((message, handle) => {
  switch (message.type) {
    case 'hand-off':
      connections.handleMessage(message.message, handle);
      break;
    case 'move':
      mover(message.message, handle);
      break;
    case 'unreachable':
      connections.becomeUnreachable();
      break;
    case 'closing':
      lameDuckMs = closingLameDuckMs;
      break;
    case 'tls':
      tlsFollower?.apply(message.state);
      break;
    case 'lead':
      worker.setLead(message.until);
      seat.send({ type: 'lead-set', until: message.until });
      break;
    case 'drain':
      void scServer.drain(message.overMs).then(
        () => seat.send({ type: 'drained' }),
        (error: unknown) => seat.fail(error),
      );
      break;
    case 'ask':
      seat.send({ type: 'answer', askId: message.askId, answer: answerQuestion(scServer.inside, message.question) });
      break;
    case 'master-message':
      worker.emit('masterMessage', message.data);
      break;
    case 'restore-socket':
      connections
        .restoreSocket()
        .catch((error: unknown) => logger.error('The socket of the worker cannot be restored', { error }));
      break;
    case 'log-level':
      setLevel(message.level);
      break;
    default:
      message satisfies never;
  }
});
const stopReporting = reportLoad(() => {
  const { clients, overloaded, framesReceived, framesSent, lostPublications, unknownGaps, limitHits } =
    scServer.stats();
  return {
    connections: connections.count,
    clients,
    overloaded,
    framesReceived,
    framesSent,
    storesAway: awayStores().length,
    awayStores: awayStores(),
    lostPublications,
    unknownGaps,
    linksLost: linksLost(),
    limitHits,
    metrics: {
      ...scServer.inside.metrics.report(),
      sc_stores_away: awayStores().length,
      sc_link_losses_total: linksLost(),
    },
  };
}, seat);
seat.onStop(async () => {
  // Serve connections from a balancer that has not been notified yet, instead of cutting them with the listener.
  await connections.untilUnreachable();
  const closed = scServer.close();
  await connections.drain({
    lameDuckMs,
    deadlineMs: init.server.closeTimeout ?? serverDefaults.closeTimeout,
    isHeld: () => scServer.stats().clients + scServer.stats().connecting > 0,
  });
  await closed;
  stopReporting();
  await store.close();
});
// Wait for the stores: a worker that cannot reach them would fail every publication.
await waitForStores(store, { waitMs: init.storeWaitMs, mayLack: init.mayLackStores, logger });
// A store executes the calls of a link in order, so its response proves that it sends orders about users to this
// worker, too. Sockets of the previous worker may move here as soon as this worker is ready, and must not miss an order
// during the move.
if (awayStores().length === 0) await store.statistics().catch(() => undefined);
seat.ready();

function linksLost(): number {
  return store.status().reduce((sum, link) => sum + link.linksLost, 0);
}

function awayStores(): string[] {
  return store.status().flatMap(({ name, state }) => (state === 'ready' ? [] : [name]));
}
