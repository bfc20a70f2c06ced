export { SocketCluster } from './cluster/socket-cluster.js';
export { SCWorker } from './cluster/children/sc-worker.js';
export { Exchange } from './channels/exchange.js';
export { SCServer } from './server/sc-server.js';
export { SCSocket } from './socket/sc-socket.js';

export type {
  BalancerStatus,
  ClusterEvents,
  ClusterStatus,
  ProcessInfo,
  ProcessStatus,
  SharedStoreStatus,
  StoreStatus,
  WorkerStatus,
} from './cluster/cluster-events.js';
export type { SocketClusterOptions } from './cluster/options/cluster-table.js';
export type { WorkerEvents } from './cluster/children/sc-worker.js';
export type { ExchangeEvents } from './channels/exchange.js';
export type { LogThreshold } from './log/entry.js';
export type { Logger } from './log/logger.js';
export type { AuthKeys } from './auth/auth-keys.js';
export type { AsymmetricKey, VerifyKey } from './auth/options.js';
export type { AuthToken } from './auth/tokens.js';
export type { AuthEngine } from './auth/options.js';
export type { SignOptions } from './auth/sign-options.js';
export type {
  AuthenticateContext,
  ContextMiddleware,
  EventContext,
  HandshakeContext,
  Middleware,
  MiddlewareContexts,
  MiddlewareLine,
  Next,
  PositionalMiddleware,
  PublishInContext,
  PublishOutContext,
  RequestMiddleware,
  SubscribeContext,
} from './socket/middleware-contexts.js';
export type { LimitName } from './limits/limit-hits.js';
export type { SCServerOptions } from './server/options.js';
export type { ServerEvents } from './server/events.js';
export type { SessionData } from './sessions/session.js';
export type { DoneCallback } from './kit/quiet.js';
export type { CallContext, ProcedureHandler, Session } from './socket/sc-socket.js';
export type { AuthStateChange, SocketEvents } from './socket/events.js';
export type { ChannelSubscriber } from './socket/subscriber-lists.js';
export type { SocketState } from './socket/state.js';
export type { MetricsFormat } from './metrics/exposition.js';
export type { ServerStats } from './limits/stats.js';
export type { AckCallback, EmitOptions, EventHandler, InvokeOptions, PublishOptions, Respond } from './app-types.js';
export { HandlerError } from 'sc-protocol';
export type { AppShape } from 'sc-protocol';
