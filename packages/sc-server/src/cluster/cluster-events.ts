import type { StoreLimitName } from 'ndata-store';
import type { LimitName } from '../limits/limit-hits.js';
import type { LogThreshold } from '../log/entry.js';
import type { ExitReport } from 'sc-worker-pool';
import type { MoveCounts } from './moves/move-counts.js';
import type { BalancerLimitName, SupervisorLimitName } from './metrics/refusal-counts.js';

/** Identifies a process of the cluster. */
export interface ProcessInfo {
  /** Position of the process among those of its kind, from 0. */
  readonly id: number;
  /** Process id. */
  readonly pid: number;
}

/** Events of a cluster. */
export type ClusterEvents = {
  /** Everything runs and connections are accepted. */
  ready: [];
  /** Something went wrong; `error.origin` says where. The central log has it already. */
  fail: [error: Error];
  /** Something looks wrong. The central log has it already. */
  warning: [message: string];
  /** A worker is ready. `respawn` is true if it replaces an earlier one. */
  workerStart: [info: ProcessInfo & { readonly respawn: boolean }];
  /** A worker has exited; `report` describes how. */
  workerExit: [
    info: ProcessInfo & { readonly code: number | null; readonly signal: string | null; readonly report: ExitReport },
  ];
  /** A worker's `sendToMaster` said this. */
  workerMessage: [workerId: number, data: unknown];
  /** A store controller's `sendToMaster` said this. */
  storeMessage: [storeId: number, data: unknown];
};

/** State of one process. */
export interface ProcessStatus {
  /** Position of the process among those of its kind, from 0. */
  readonly id: number;
  /** Process id. */
  readonly pid: number;
  /** Lifecycle state of the process. */
  readonly state: string;
  /** Milliseconds since it was started. */
  readonly uptimeMs: number;
  /** Milliseconds since its last message of any kind. A healthy process sends one every second. */
  readonly silentMs: number;
  /** Number of restarts after a crash. */
  readonly restarts: number;
  /** Memory of the whole process, once it has reported it. */
  readonly rssBytes?: number;
  /** The longest time its event loop was blocked in the last second, once it has reported it. */
  readonly lagMs?: number;
  /** Its connections to clients (of a store: to workers), once it has reported them; at most a second old. */
  readonly connections?: number;
  /** Share of the last second in which its event loop was busy, 0 to 1. */
  readonly utilization?: number;
}

/** State of a worker. */
export interface WorkerStatus extends ProcessStatus {
  /** Clients that have completed their handshake, as of its last report, at most a second ago. */
  readonly clients: number;
  /** Whether it refuses new connections because it is too busy, as of the same report. */
  readonly overloaded: boolean;
  /** Stores that it cannot reach, as of the same report. Publications and subscriptions of their channels fail or wait. */
  readonly storesAway: number;
  /** Their names: addresses of shared stores, or paths of sockets. Once it has reported them. */
  readonly awayStores?: readonly string[];
  /** Publications that did not reach it from its stores since it started, once it has reported them. */
  readonly lostPublications?: number;
  /** Times since it started that a channel may have lost publications, and their number is unknown. */
  readonly unknownGaps?: number;
  /** Times since it started that its link to a store was lost. */
  readonly linksLost?: number;
  /** How often its clients reached each limit, as in `stats()` of a server, once it has reported it. */
  readonly limitHits?: Readonly<Record<LimitName, number>>;
  /** Frames a second that its clients send, once it has reported them. */
  readonly framesInPerSecond?: number;
  /** Frames a second that it sends to its clients. */
  readonly framesOutPerSecond?: number;
}

/** State of a balancer. */
export interface BalancerStatus extends ProcessStatus {
  /** Connections a second that clients make to it, once it has reported them. */
  readonly connectionsPerSecond?: number;
  /** Connections that it refused, by limit, once it has reported them. */
  readonly limitHits?: Readonly<Record<BalancerLimitName, number>>;
}

/** State of a store. */
export interface StoreStatus extends ProcessStatus {
  /** Commands a second that it runs, once it has reported them. */
  readonly commandsPerSecond?: number;
  /** Orders (`disconnectUser` and the like) that not every worker has confirmed, once it has reported them. */
  readonly unconfirmedOrders?: number;
  /** Times since it started that its log could not be written. */
  readonly logFailures?: number;
  /** How often each limit of the store was reached, as in `statistics()`, once it has reported it. */
  readonly limitHits?: Readonly<Record<StoreLimitName, number>>;
}

/** State of a store that the cluster shares with those of other hosts. */
export interface SharedStoreStatus {
  /** `host:port` */
  readonly address: string;
  /** `away`: a worker that serves cannot reach it. `unknown`: no worker has reported yet. */
  readonly state: 'ready' | 'away' | 'unknown';
  /** Workers that cannot reach it. */
  readonly awayFrom: readonly number[];
}

/** The result of `status()`. */
export interface ClusterStatus {
  /** Name of the cluster. */
  readonly appName: string;
  /** Lifecycle state of the cluster. */
  readonly state: 'starting' | 'running' | 'draining' | 'closing' | 'closed';
  /** Protocol of the public port. */
  readonly protocol: 'http' | 'https';
  /** The port in use; `undefined` before it is had. */
  readonly port: number | undefined;
  /** The port of `/healthz`, `/readyz` and `/metrics`, when there is one. */
  readonly healthPort: number | undefined;
  /** The process of the HTTP API, when there is one, and its port, once it has it. */
  readonly admin?: { readonly pid: number; readonly port: number | undefined };
  /** Open sockets at replacements of workers, since the start. */
  readonly moves: MoveCounts;
  /** The supervisor: connections that it has accepted since the start, and how many of them it refused, by limit. */
  readonly supervisor: {
    readonly pid: number;
    readonly accepted: number;
    readonly limitHits: Readonly<Record<SupervisorLimitName, number>>;
  };
  /** The log level, and the number of entries dropped because stdout or stderr was not read fast enough. */
  readonly log: { readonly level: LogThreshold; readonly dropped: number };
  /** The worker processes. */
  readonly workers: readonly WorkerStatus[];
  /** The store processes of this cluster. */
  readonly stores: readonly StoreStatus[];
  /** The stores of `storeAddresses`, in the order of their positions. */
  readonly sharedStores: readonly SharedStoreStatus[];
  /** The balancer processes. */
  readonly balancers: readonly BalancerStatus[];
}
