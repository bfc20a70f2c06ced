import type { StoreLimitName } from 'ndata-store';
import type { LogEntry } from '../../log/entry.js';
import type { ResolvedClusterOptions } from '../options/options.js';
import type { PortableTlsOptions } from '../tls/portable.js';

/** How a worker gets its connections. */
export type WorkerDelivery =
  | { readonly type: 'hand-off'; readonly tls: PortableTlsOptions | undefined }
  | { readonly type: 'proxy'; readonly socketPath: string };

export interface WorkerInit {
  readonly appName: string;
  readonly controllerPath: string;
  readonly server: ResolvedClusterOptions['server'];
  readonly workers: number;
  readonly port: number;
  readonly delivery: WorkerDelivery;
  readonly stores: readonly { readonly socketPath: string }[];
  readonly storeSecret: string;
}

export interface StoreInit {
  readonly socketPath: string;
  readonly secret: string;
  readonly controllerPath: string | undefined;
  readonly storeOptions: unknown;
}

export interface BalancerInit {
  readonly tls: PortableTlsOptions | undefined;
  readonly controllerPath: string | undefined;
  readonly maxConnectionsPerAddress: number;
  readonly trustedPeers: readonly string[];
  /** How long connections may go on after the balancer was told to stop. */
  readonly drainMs: number;
}

export interface BalancerTarget {
  readonly id: string;
  readonly socketPath: string;
}

/** What a process has to do, once a second while that changes. */
export interface LoadMessage {
  readonly type: 'load';
  readonly load: Load;
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
  /** Of balancers only: connections that came since the process started. */
  readonly accepted?: number;
  /** Of stores only: commands since the process started. */
  readonly commands?: number;
  /** Of stores only: how often a client ran into each limit. */
  readonly limitHits?: Readonly<Record<StoreLimitName, number>>;
}

/** Another key and certificate for new TLS handshakes. */
export interface TlsMessage {
  readonly type: 'tls';
  readonly tls: PortableTlsOptions;
}

/** Other keys for TLS session tickets, base64: the first one seals, all of them open. */
export interface TicketKeysMessage {
  readonly type: 'ticket-keys';
  readonly keys: readonly string[];
}

/** What the supervisor says to a worker. A connection handed off travels with its message. */
export type ToWorker =
  | { readonly type: 'hand-off'; readonly message: unknown }
  | TlsMessage
  | TicketKeysMessage
  /** No balancer sends connections any more. */
  | { readonly type: 'unreachable' }
  /** Send the clients away, spread over this time. */
  | { readonly type: 'drain'; readonly overMs: number }
  | { readonly type: 'master-message'; readonly data: unknown };

export type FromWorker =
  | { readonly type: 'hand-off'; readonly message: unknown }
  | { readonly type: 'worker-message'; readonly data: unknown }
  | LoadMessage
  /** It has sent its clients away, as it was told. */
  | { readonly type: 'drained' }
  | { readonly type: 'log'; readonly entry: LogEntry };

export type ToBalancer =
  | { readonly type: 'hand-off'; readonly message: unknown }
  | TlsMessage
  | TicketKeysMessage
  /** Every worker that may get connections now. Each such message has a higher revision than the one before. */
  | { readonly type: 'targets'; readonly targets: readonly BalancerTarget[]; readonly revision: number };

export type FromBalancer =
  | { readonly type: 'hand-off'; readonly message: unknown }
  /** It knows the targets of this revision, and connects to no others. */
  | { readonly type: 'targets-set'; readonly revision: number }
  | LoadMessage
  | { readonly type: 'log'; readonly entry: LogEntry };

export type ToStore = { readonly type: 'master-message'; readonly data: unknown };

export type FromStore =
  | { readonly type: 'store-message'; readonly data: unknown }
  | LoadMessage
  | { readonly type: 'log'; readonly entry: LogEntry };
