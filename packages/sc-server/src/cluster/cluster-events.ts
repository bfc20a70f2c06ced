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
  /** All processes are ready and connections are accepted. */
  ready: [];
  /** An error occurred; `error.origin` identifies the process. It is already in the central log. */
  fail: [error: Error];
  /** A likely problem. It is already in the central log. */
  warning: [message: string];
  /** A worker is ready. `respawn` is true if it replaces an earlier one. */
  workerStart: [info: ProcessInfo & { readonly respawn: boolean }];
  /** A worker has exited; `report` contains the details. */
  workerExit: [
    info: ProcessInfo & { readonly code: number | null; readonly signal: string | null; readonly report: ExitReport },
  ];
  /** Data that a worker sent with `sendToMaster`. */
  workerMessage: [workerId: number, data: unknown];
  /** Data that a store controller sent with `sendToMaster`. */
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
  /** Milliseconds since the start of the process. */
  readonly uptimeMs: number;
  /** Milliseconds since the last message of any kind from the process. A healthy process sends one every second. */
  readonly silentMs: number;
  /** Number of restarts after a crash. */
  readonly restarts: number;
  /** Memory of the whole process. Missing until first reported. */
  readonly rssBytes?: number;
  /** The longest time that its event loop was blocked in the last second. Missing until first reported. */
  readonly lagMs?: number;
  /** Connections to clients (of a store: to workers), at most a second old. Missing until first reported. */
  readonly connections?: number;
  /** Share of the last second in which its event loop was busy, 0 to 1. */
  readonly utilization?: number;
}

/** State of a worker. */
export interface WorkerStatus extends ProcessStatus {
  /** Clients that have completed their handshake, from the last report, at most a second old. */
  readonly clients: number;
  /** Whether it refuses new connections because it is overloaded, from the same report. */
  readonly overloaded: boolean;
  /**
   * Number of stores that it cannot reach, from the same report. Publications to and subscriptions of their channels
   * fail or wait.
   */
  readonly storesAway: number;
  /** Names of these stores: addresses of shared stores, or socket paths. Missing until first reported. */
  readonly awayStores?: readonly string[];
  /** Publications that did not reach it from its stores since its start. Missing until first reported. */
  readonly lostPublications?: number;
  /** Number of times since its start that a channel may have lost an unknown number of publications. */
  readonly unknownGaps?: number;
  /** Number of lost links to stores since its start. */
  readonly linksLost?: number;
  /** How often its clients reached each limit, as in `stats()` of a server. Missing until first reported. */
  readonly limitHits?: Readonly<Record<LimitName, number>>;
  /** Frames per second received from its clients. Missing until first reported. */
  readonly framesInPerSecond?: number;
  /** Frames per second sent to its clients. */
  readonly framesOutPerSecond?: number;
}

/** State of a balancer. */
export interface BalancerStatus extends ProcessStatus {
  /** New client connections per second. Missing until first reported. */
  readonly connectionsPerSecond?: number;
  /** Refused connections by limit. Missing until first reported. */
  readonly limitHits?: Readonly<Record<BalancerLimitName, number>>;
}

/** State of a store. */
export interface StoreStatus extends ProcessStatus {
  /** Commands per second. Missing until first reported. */
  readonly commandsPerSecond?: number;
  /** Orders (`disconnectUser` and similar) that not all workers have acknowledged. Missing until first reported. */
  readonly unconfirmedOrders?: number;
  /** Number of failed writes to its log since its start. */
  readonly logFailures?: number;
  /** How often each limit of the store was reached, as in `statistics()`. Missing until first reported. */
  readonly limitHits?: Readonly<Record<StoreLimitName, number>>;
}

/** State of a store that the cluster shares with clusters of other hosts. */
export interface SharedStoreStatus {
  /** `host:port` */
  readonly address: string;
  /** `away`: a ready worker cannot reach the store. `unknown`: no worker has reported yet. */
  readonly state: 'ready' | 'away' | 'unknown';
  /** Ids of workers that cannot reach the store. */
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
  /** The port in use; `undefined` before the cluster listens. */
  readonly port: number | undefined;
  /** The port of `/healthz`, `/readyz` and `/metrics`, if enabled. */
  readonly healthPort: number | undefined;
  /** The process of the HTTP API, if enabled, and its port once it listens. */
  readonly admin?: { readonly pid: number; readonly port: number | undefined };
  /** Outcomes of socket moves when workers were replaced, since the start. */
  readonly moves: MoveCounts;
  /** The supervisor: connections accepted since the start, and refused ones by limit. */
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
