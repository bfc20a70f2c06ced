import { renamedServerOptions } from '../../server/renamed-options.js';

const nothing = (why: string) => `nothing: ${why}`;
const inTheController = (what: string) => `${what} in the worker controller`;
const sharedStores = 'storeAddresses: hosts share stores, without state servers';

/** Removed options of all versions of the original, and their replacements. */
export const renamedOptions: Readonly<Record<string, string>> = {
  ...renamedServerOptions,
  // clusters of several machines (SCC)
  clusterStateServerHost: sharedStores,
  clusterStateServerPort: sharedStores,
  clusterStateServerConnectTimeout: sharedStores,
  clusterStateServerAckTimeout: sharedStores,
  clusterStateServerReconnectRandomness: sharedStores,
  clusterMappingEngine: sharedStores,
  clusterClientPoolSize: sharedStores,
  clusterAuthKey: sharedStores,
  clusterInstanceIp: sharedStores,
  clusterInstanceIpFamily: sharedStores,
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
  forceKillTimeout: 'processTermTimeout',
  forceKillSignal: nothing('a process that does not end in time gets SIGKILL'),
  secretKey: nothing('the processes of a cluster authenticate each other with a random key'),
  // automatic now
  useSmartBalancing: nothing('a connection always goes to the least loaded worker'),
  schedulingPolicy: nothing('a connection always goes to the least loaded worker'),
  clusterEngine: nothing('stores are part of the cluster'),
  brokerConnectRetryErrorThreshold: nothing('workers reconnect to their stores until they are back'),
  workerClusterController: nothing(
    'workers are children of the supervisor; write its code where the cluster is created',
  ),
  workerStatusInterval: 'cluster.status() at any time',
  propagateWarnings: nothing('every warning reaches the central log'),
  httpServerModule: inTheController('worker.httpServer'),
  transports: nothing('WebSocket is the only transport'),
  environment: 'NODE_ENV',
  propagateErrors: nothing('every error reaches the central log'),
  propagateNotices: nothing('every warning reaches the central log'),
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
