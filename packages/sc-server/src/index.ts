export { SocketCluster } from './cluster/socket-cluster.js';
export { SCWorker } from './cluster/worker.js';
export { Exchange } from './exchange/exchange.js';
export { SCServer } from './serving/sc-server.js';
export { SCSocket } from './serving/socket.js';

export type {
  BalancerStatus,
  ClusterEvents,
  ClusterStatus,
  ProcessInfo,
  ProcessStatus,
  StoreStatus,
  WorkerStatus,
} from './cluster/cluster-events.js';
export type { SocketClusterOptions } from './cluster/options.js';
export type { WorkerEvents } from './cluster/worker.js';
export type { ExchangeEvents } from './exchange/exchange.js';
export type { LogThreshold } from './log/entry.js';
export type { Logger } from './log/logger.js';
export type { AuthKeys } from './serving/auth/auth-keys.js';
export type { AsymmetricKey, VerifyKey } from './serving/auth/auth-options.js';
export type { AuthEngine, AuthToken, SignOptions } from './serving/auth/tokens.js';
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
} from './serving/middleware-types.js';
export type { LimitName } from './serving/limit-hits.js';
export type { SCServerOptions } from './serving/options.js';
export type { ServerEvents } from './serving/server-events.js';
export type { Session, SessionData } from './serving/sessions/session.js';
export type { DoneCallback } from './serving/socket.js';
export type { AuthStateChange, SocketEvents } from './serving/socket-events.js';
export type { SocketState } from './serving/socket-state.js';
export type { ServerStats } from './serving/stats.js';
export type {
  AckCallback,
  CallContext,
  EmitOptions,
  EventHandler,
  InvokeOptions,
  ProcedureHandler,
  PublishOptions,
  Respond,
} from './serving/surface.js';
export type { AppShape } from 'sc-protocol';
