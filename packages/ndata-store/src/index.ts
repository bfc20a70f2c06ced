export { CommandList } from './calls/command-list.js';
export { NdataClient, NdataClusterClient } from './client/ndata-client.js';
export { shardOfName } from './client/cluster/rendezvous.js';
export { createClient, createServer } from './create.js';
export { NdataStore } from './ndata-store.js';
export { NdataServer } from './server/ndata-server.js';
export { decodeValue, encodeValue } from './values.js';

export type { StoreAddress } from './client/link/dial.js';
export type { LinkOptions, NdataClientOptions, NdataClusterClientOptions } from './client/options.js';
export type { MemoryPolicy, StoreOptions } from './core/core-options.js';
export type { DataMap } from './controller/data-map.js';
export type { Procedure, ProcedureContext } from './controller/procedures.js';
export type { Respond, StoreController, StoreControllerEvents } from './controller/store-controller.js';
export type { KeyChain } from './key-chain.js';
export type { StoreLimitName } from './data/limit-hits.js';
export type { FsyncPolicy, PersistOptions } from './persist/options.js';
export type { RecoveryReport } from './persist/recovery.js';
export type { NdataServerOptions } from './server/options.js';
export type { NdataServerEvents, ServerAddress } from './server/ndata-server.js';
export type { ClientTlsOptions, ServerTlsOptions } from './tls-options.js';
export type {
  AppendOptions,
  ChannelStore,
  JoinOptions,
  Member,
  PayloadListener,
  ReadStreamOptions,
  StreamPage,
  StreamPosition,
  StreamPublication,
} from './store/channel-store.js';
export type {
  Callback,
  DataStore,
  KeysOptions,
  KeysPage,
  RemoveOptions,
  RemoveRangeOptions,
  SetOptions,
  SpliceOptions,
  ValueOptions,
} from './store/data-store.js';
export type {
  Change,
  ChangeListener,
  InvokeOptions,
  QueryFunction,
  QueryOptions,
  ShardState,
  ShardStatistics,
  ShardStatus,
  Store,
  StoreEvents,
} from './store/store.js';
