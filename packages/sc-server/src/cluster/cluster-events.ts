import type { ExitReport } from 'sc-worker-pool';

export interface ProcessInfo {
  readonly id: number;
  readonly pid: number;
}

export type ClusterEvents = {
  /** Everything runs and connections are accepted. */
  ready: [];
  /** Something went wrong; `error.origin` says where. The central log has it already. */
  fail: [error: Error];
  /** Something looks wrong. The central log has it already. */
  warning: [message: string];
  workerStart: [info: ProcessInfo & { readonly respawn: boolean }];
  workerExit: [
    info: ProcessInfo & { readonly code: number | null; readonly signal: string | null; readonly report: ExitReport },
  ];
  /** A worker's `sendToMaster` said this. */
  workerMessage: [workerId: number, data: unknown];
};

export type ProcessState = 'starting' | 'ready' | 'draining' | 'exited';

export interface ProcessStatus {
  readonly id: number;
  readonly pid: number;
  readonly state: string;
  /** Milliseconds since it was started. */
  readonly uptimeMs: number;
  readonly restarts: number;
}

/** What `status()` tells. */
export interface ClusterStatus {
  readonly appName: string;
  readonly state: 'starting' | 'running' | 'closing' | 'closed';
  readonly protocol: 'http' | 'https';
  /** The port in use; `undefined` before it is had. */
  readonly port: number | undefined;
  readonly supervisor: { readonly pid: number };
  readonly workers: readonly ProcessStatus[];
  readonly stores: readonly ProcessStatus[];
  readonly balancers: readonly ProcessStatus[];
}
