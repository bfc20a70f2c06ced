import type { ClientTlsOptions, StoreAddress } from 'ndata-store';
import type { MetricsReport } from '../../metrics/families.js';
import type { LogEntry, LogThreshold } from '../../log/entry.js';
import type { WorkerAnswer, WorkerQuestion } from '../inspect/questions.js';
import type { ResolvedClusterOptions } from '../options/resolved-options.js';
import type { StoreSettings } from '../options/store-options.js';
import type { FromMover, ToMover } from '../../moves/messages.js';
import type { TlsState } from '../tls/shared.js';

/** How a worker gets its connections. */
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
  /** Until when it leads, as in the message `lead`. */
  readonly leadsUntil: number;
  readonly stores: readonly StoreAddress[];
  readonly storeSecret: string;
  readonly storeTls: ClientTlsOptions | true | undefined;
  /** Milliseconds to wait for stores that cannot be reached. */
  readonly storeWaitMs: number;
  /** Whether the worker serves without them then, or fails. */
  readonly mayLackStores: boolean;
  readonly maxStorePendingCalls: number;
}

export interface StoreInit {
  /** Workers that had links to a store of before. */
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
  /** How long connections may go on after the balancer was told to stop. */
  readonly drainMs: number;
}

export interface BalancerTarget {
  readonly id: string;
  readonly socketPath: string;
}

/** The load of a process, reported once a second and when it ends. */
export interface LoadMessage {
  readonly type: 'load';
  readonly load: Load;
  /** The process counts no more. */
  readonly isLast?: boolean;
}

export interface Load {
  /** Connections to clients; of a store, to workers. */
  readonly connections: number;
  /** Of workers only, as all to `framesSent`. */
  readonly clients?: number;
  /** Whether it refuses new connections because it is too busy. */
  readonly overloaded?: boolean;
  /** Counts since the process started. */
  readonly framesReceived?: number;
  readonly framesSent?: number;
  /** Of workers only: number and names of the stores that it cannot reach. */
  readonly storesAway?: number;
  readonly awayStores?: readonly string[];
  /** Of workers only, since the process started: publications and links of stores that it lost; see `ServerStats`. */
  readonly lostPublications?: number;
  readonly unknownGaps?: number;
  readonly linksLost?: number;
  /** Of balancers only: connections that came since the process started. */
  readonly accepted?: number;
  /** Of stores only: commands since the process started. */
  readonly commands?: number;
  /** Of stores only: orders that not every worker has confirmed, and times that the log could not be written. */
  readonly unconfirmedOrders?: number;
  readonly logFailures?: number;
  /** How often each limit was reached since the process started. */
  readonly limitHits?: Readonly<Record<string, number>>;
  /** Counts for the metrics of the cluster. */
  readonly metrics?: MetricsReport;
}

/** The TLS state that new handshakes are to have. */
export interface TlsMessage {
  readonly type: 'tls';
  readonly state: TlsState;
}

/** Files of the runtime directory may have been removed: listen again if your own is. */
export interface RestoreSocketMessage {
  readonly type: 'restore-socket';
}

/** The level of the log, when it has changed. */
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
  /** The worker leads until this time of the host's monotonic clock, in milliseconds; 0 ends it. */
  | { readonly type: 'lead'; readonly until: number }
  /** The whole cluster ends, and there is no other worker to come back to. */
  | { readonly type: 'closing' }
  /** No balancer sends connections any more. */
  | { readonly type: 'unreachable' }
  /** Send the clients away, spread over this time. */
  | { readonly type: 'drain'; readonly overMs: number }
  /** An operator asks about clients, or orders something about them. The worker answers. */
  | { readonly type: 'ask'; readonly askId: number; readonly question: WorkerQuestion }
  | { readonly type: 'master-message'; readonly data: unknown };

export type FromWorker =
  | { readonly type: 'answer'; readonly askId: number; readonly answer: WorkerAnswer }
  | { readonly type: 'hand-off'; readonly message: unknown }
  /** About sockets that move from one worker to another. */
  | { readonly type: 'move'; readonly message: FromMover }
  | { readonly type: 'worker-message'; readonly data: unknown }
  | LoadMessage
  /** It knows until when it leads, as it was told. */
  | { readonly type: 'lead-set'; readonly until: number }
  /** It has sent its clients away, as it was told. */
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
  /** Every worker that may get connections now. Each such message has a higher revision than the one before. */
  | { readonly type: 'targets'; readonly targets: readonly BalancerTarget[]; readonly revision: number };

export type FromBalancer =
  | { readonly type: 'hand-off'; readonly message: unknown }
  /** It knows the targets of this revision, and connects to no others. */
  | { readonly type: 'targets-set'; readonly revision: number }
  | LoadMessage
  | { readonly type: 'log'; readonly entry: LogEntry };

export type ToStore =
  LogLevelMessage | RestoreSocketMessage | { readonly type: 'master-message'; readonly data: unknown };

export type FromStore =
  | { readonly type: 'store-message'; readonly data: unknown }
  | LoadMessage
  | { readonly type: 'log'; readonly entry: LogEntry };
