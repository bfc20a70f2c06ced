import type { ClientTlsOptions, StoreAddress } from 'ndata-store';
import type { MetricsReport } from '../../metrics/families.js';
import type { LogEntry, LogThreshold } from '../../log/entry.js';
import type { WorkerAnswer, WorkerQuestion } from '../inspect/questions.js';
import type { ResolvedClusterOptions } from '../options/resolved-options.js';
import type { StoreSettings } from '../options/store-options.js';
import type { FromMover, ToMover } from '../../moves/messages.js';
import type { TlsState } from '../tls/shared.js';

/** How a worker receives its connections. */
export type WorkerDelivery =
  | { readonly type: 'hand-off'; readonly tls: TlsState | undefined }
  | { readonly type: 'proxy'; readonly socketPath: string };

export interface WorkerInit {
  readonly logLevel: LogThreshold;
  readonly appName: string;
  readonly controllerPath: string;
  readonly server: ResolvedClusterOptions['server'];
  readonly workers: number;
  readonly port: number;
  readonly delivery: WorkerDelivery;
  /** End of its lease as the leader, as in the message `lead`. */
  readonly leadsUntil: number;
  readonly stores: readonly StoreAddress[];
  readonly storeSecret: string;
  readonly storeTls: ClientTlsOptions | true | undefined;
  /** Time to wait for unreachable stores, in milliseconds. */
  readonly storeWaitMs: number;
  /** Whether the worker then serves without these stores, or fails. */
  readonly mayLackStores: boolean;
  readonly maxStorePendingCalls: number;
}

export interface StoreInit {
  /** Number of workers that had a link to a previous process of this store. */
  readonly returningClients: number;
  readonly logLevel: LogThreshold;
  readonly socketPath: string;
  readonly secret: string;
  readonly controllerPath: string | undefined;
  readonly storeOptions: unknown;
  readonly settings: StoreSettings;
}

export interface BalancerInit {
  readonly logLevel: LogThreshold;
  readonly tls: TlsState | undefined;
  readonly controllerPath: string | undefined;
  readonly maxConnectionsPerAddress: number;
  readonly connectsPerSecondPerAddress: number;
  readonly trustedPeers: readonly string[];
  /** How long open connections may continue after the balancer starts to stop, in milliseconds. */
  readonly drainMs: number;
}

export interface BalancerTarget {
  readonly id: string;
  readonly socketPath: string;
}

/** The load of a process, reported once per second and before it exits. */
export interface LoadMessage {
  readonly type: 'load';
  readonly load: Load;
  /** Whether this is the last report of the process. */
  readonly isLast?: boolean;
}

export interface Load {
  /** Connections to clients; of a store, to workers. */
  readonly connections: number;
  /** Workers only, like all fields up to `framesSent`. */
  readonly clients?: number;
  /** Whether it refuses new connections because it is overloaded. */
  readonly overloaded?: boolean;
  /** Counts since the process started. */
  readonly framesReceived?: number;
  readonly framesSent?: number;
  /** Workers only: number and names of the stores that it cannot reach. */
  readonly storesAway?: number;
  readonly awayStores?: readonly string[];
  /** Workers only: lost publications and store links since the process started; see `ServerStats`. */
  readonly lostPublications?: number;
  readonly unknownGaps?: number;
  readonly linksLost?: number;
  /** Balancers only: connections accepted since the process started. */
  readonly accepted?: number;
  /** Stores only: commands since the process started. */
  readonly commands?: number;
  /** Stores only: orders not acknowledged by all workers, and number of failed writes to the log. */
  readonly unconfirmedOrders?: number;
  readonly logFailures?: number;
  /** How often each limit was reached since the process started. */
  readonly limitHits?: Readonly<Record<string, number>>;
  /** Counts for the metrics of the cluster. */
  readonly metrics?: MetricsReport;
}

/** The TLS state for new handshakes. */
export interface TlsMessage {
  readonly type: 'tls';
  readonly state: TlsState;
}

/** Files of the runtime directory may have been removed: listen again if the socket file is missing. */
export interface RestoreSocketMessage {
  readonly type: 'restore-socket';
}

/** The new log level. */
export interface LogLevelMessage {
  readonly type: 'log-level';
  readonly level: LogThreshold;
}

/** Messages from the supervisor to a worker. A connection handed off is attached to its message. */
export type ToWorker =
  | { readonly type: 'hand-off'; readonly message: unknown }
  /** About sockets that move from one worker to another. */
  | { readonly type: 'move'; readonly message: ToMover }
  | TlsMessage
  | LogLevelMessage
  | RestoreSocketMessage
  /** The worker leads until this time of the host's monotonic clock, in milliseconds; 0 revokes the lease. */
  | { readonly type: 'lead'; readonly until: number }
  /** The whole cluster is stopping, so clients cannot reconnect to another worker. */
  | { readonly type: 'closing' }
  /** No balancer sends connections any more. */
  | { readonly type: 'unreachable' }
  /** Disconnect the clients gradually over this time, in milliseconds. */
  | { readonly type: 'drain'; readonly overMs: number }
  /** A query or action of an operator on clients. The worker replies with `answer`. */
  | { readonly type: 'ask'; readonly askId: number; readonly question: WorkerQuestion }
  | { readonly type: 'master-message'; readonly data: unknown };

export type FromWorker =
  | { readonly type: 'answer'; readonly askId: number; readonly answer: WorkerAnswer }
  | { readonly type: 'hand-off'; readonly message: unknown }
  /** About sockets that move from one worker to another. */
  | { readonly type: 'move'; readonly message: FromMover }
  | { readonly type: 'worker-message'; readonly data: unknown }
  | LoadMessage
  /** Acknowledges `lead`. */
  | { readonly type: 'lead-set'; readonly until: number }
  /** All clients are disconnected, as requested by `drain`. */
  | { readonly type: 'drained' }
  | { readonly type: 'log'; readonly entry: LogEntry };

export type ToBalancer =
  | { readonly type: 'hand-off'; readonly message: unknown }
  | TlsMessage
  | LogLevelMessage
  /** The workers have exited: the remaining processes must exit within this time. */
  | { readonly type: 'closing'; readonly withinMs: number }
  /** The connections of one target are moving to another one. */
  | { readonly type: 'moving'; readonly from: string; readonly to: string }
  /** All workers that may receive connections. Each message has a higher revision than the previous one. */
  | { readonly type: 'targets'; readonly targets: readonly BalancerTarget[]; readonly revision: number };

export type FromBalancer =
  | { readonly type: 'hand-off'; readonly message: unknown }
  /** Acknowledges `targets`: the balancer connects to no other targets. */
  | { readonly type: 'targets-set'; readonly revision: number }
  | LoadMessage
  | { readonly type: 'log'; readonly entry: LogEntry };

export type ToStore =
  LogLevelMessage | RestoreSocketMessage | { readonly type: 'master-message'; readonly data: unknown };

export type FromStore =
  | { readonly type: 'store-message'; readonly data: unknown }
  | LoadMessage
  | { readonly type: 'log'; readonly entry: LogEntry };
