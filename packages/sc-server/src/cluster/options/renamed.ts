import { renamedServerOptions } from '../../server/options.js';

const nothing = (why: string) => `nothing: ${why}`;
const inTheController = (what: string) => `${what} in the worker controller`;

/** Options of every generation of the original that are gone, and what to write instead. */
export const renamedOptions: Readonly<Record<string, string>> = {
  ...renamedServerOptions,
  // renamed
  brokers: 'stores',
  brokerController: 'storeController',
  brokerOptions: 'storeOptions',
  sourcePort: 'port',
  respawn: 'rebootWorkerOnCrash',
  crashWorkerOnError: 'rebootWorkerOnCrash',
  killMasterOnSignal: nothing('SIGTERM and SIGINT always end the cluster'),
  messageLogLevel: 'logLevel',
  defaultBrokerDebugPort: 'storeDebugPort',
  defaultStoreDebugPort: 'storeDebugPort',
  defaultWorkerDebugPort: 'workerDebugPort',
  instanceId: 'appName',
  socketRoot: 'runtimeDirectory',
  // what the processes do for themselves
  useSmartBalancing: nothing('a connection always goes to the least loaded worker'),
  schedulingPolicy: nothing('a connection always goes to the least loaded worker'),
  clusterEngine: nothing('stores are part of the cluster'),
  httpServerModule: inTheController('worker.httpServer'),
  wsEngine: nothing('there is one WebSocket engine'),
  transports: nothing('WebSocket is the only transport'),
  perMessageDeflate: nothing('messages are not compressed'),
  environment: 'NODE_ENV',
  propagateErrors: nothing('every error reaches the central log'),
  propagateNotices: nothing('every warning reaches the central log'),
  middlewareEmitNotices: 'logLevel',
  maxHttpSockets: 'http.globalAgent.maxSockets',
  ipcAckTimeout: nothing('messages between processes are not answered'),
  // long polling
  connectTimeout: nothing('there is no long polling'),
  socketUpgradeTimeout: nothing('there is no long polling'),
  pollingDuration: nothing('there is no long polling'),
  maxHttpBufferSize: 'maxPayloadBytes',
  matchOriginProtocol: 'origins with a scheme, such as https://app.example.com',
  socketCookieName: nothing('sockets need no cookie'),
  addressSocketLimit: inTheController('the middleware line "handshake"'),
  deliveryTimeout: nothing('publishing settles when the store has the publication'),
  deliveryRetryInitialDelay: nothing('publishing settles when the store has the publication'),
  deliveryRetryMultiplier: nothing('publishing settles when the store has the publication'),
};
