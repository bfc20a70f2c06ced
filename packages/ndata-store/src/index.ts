export { CommandList } from './commands/command-list.js';
export { NdataClient, NdataClusterClient } from './client/ndata-client.js';
export { shardOfName } from './client/rendezvous.js';
export { methodNames } from './commands/table.js';
export { createClient, createServer } from './create.js';
export { Publication } from './data/publication.js';
export { NdataStore } from './ndata-store.js';
export { ChannelRuleTable } from './rules/channel-rules.js';
export { NdataServer } from './server/ndata-server.js';
export { decodeValue, encodeValue } from './values.js';

export type { ChannelHandle, ChannelSink, OpenOptions, SeenPosition, Since, SubscribedPage } from './channel-sink.js';
export type { Callback } from './callback.js';
export type { StoreAddress } from './client/link/dial.js';
export type { LinkOptions, NdataClientOptions, NdataClusterClientOptions } from './client/options.js';
export type { ChannelCommands, KeepLimits, PublishOptions, Published } from './commands/channels.js';
export type { ExpiryCommands } from './commands/expiry.js';
export type { ListCommands, SpliceOptions } from './commands/lists.js';
export type { JoinOptions, ListedMember, MemberCommands } from './commands/members.js';
export type {
  InvokeOptions,
  ProcedureCommands,
  QueryCommands,
  QueryFunction,
  QueryOptions,
  SendCommands,
} from './commands/procedures.js';
export type { RangeCommands, RemoveRangeOptions } from './commands/ranges.js';
export type { ReadCommands } from './commands/read.js';
export type { StoreCommands, TopChannelsOptions } from './commands/store.js';
export type { ListedChannel } from './data/channel-activity.js';
export type {
  ReadStreamOptions,
  StreamCommands,
  StreamPage,
  StreamPosition,
  StreamPublication,
  TrimLimits,
} from './commands/streams.js';
export type { DataStore, ValueCommands } from './commands/table.js';
export type { BatchCommands } from './commands/transaction.js';
export type { KeysOptions, KeysPage, TreeCommands } from './commands/tree.js';
export type { ValueOptions } from './commands/value-options.js';
export type { RemoveOptions, SetIfAbsentOptions, SetOptions, WriteCommands } from './commands/write.js';
export type { DataMap } from './controller/data-map.js';
export type { Procedure, ProcedureContext } from './controller/procedures.js';
export type {
  ControllerOptions,
  Respond,
  StoreController,
  StoreControllerEvents,
} from './controller/store-controller.js';
export type { LimitOptions, MemoryPolicy } from './core/core-options.js';
export type { ShardStatistics } from './core/statistics.js';
export type { StoreLimitName } from './data/limit-hits.js';
export type { KeyChain } from './key-chain.js';
export type { Member, MemberChange, MemberSink, MemberView, Membership, MembershipEnd } from './member-sink.js';
export type { OrderListener, OrderStore } from './order-store.js';
export type { FsyncOption, FsyncPolicy, PersistContent, PersistOptions } from './persist/options.js';
export type { RecoveryReport } from './persist/recovery.js';
export type { ChannelRule, ChannelRules, HistoryRule, PresenceRule } from './rules/channel-rules.js';
export type { NdataServerEvents, ServerAddress } from './server/ndata-server.js';
export type { NdataServerOptions } from './server/options.js';
export type {
  Change,
  ChangeListener,
  ChannelStore,
  PayloadListener,
  ShardState,
  ShardStatus,
  Store,
  StoreEvents,
} from './store.js';
export type { StoreOptions } from './store-host.js';
export type { ClientTlsOptions, ServerTlsOptions } from './tls-options.js';
