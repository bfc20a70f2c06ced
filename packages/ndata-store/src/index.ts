export { NdataClient, NdataClusterClient } from './client/ndata-client.js';
export { shardOfName } from './client/rendezvous.js';
export { NdataStore } from './ndata-store.js';
export { NdataServer } from './server/ndata-server.js';
export { decodeValue, encodeValue } from './values.js';

export type { StoreAddress } from './client/dial.js';
export type { LinkOptions, NdataClientOptions, NdataClusterClientOptions } from './client/options.js';
export type { StoreOptions } from './core/core-options.js';
export type { StoreController, StoreControllerEvents } from './core/store-controller.js';
export type { KeyChain } from './key-chain.js';
export type { NdataServerOptions } from './server/options.js';
export type { NdataServerEvents, ServerAddress } from './server/ndata-server.js';
export type {
  Callback,
  PayloadListener,
  RemoveOptions,
  SetOptions,
  ShardState,
  ShardStatus,
  Store,
  StoreEvents,
} from './store.js';
