import { describeExit, type ExitReport, type WorkerPool } from 'sc-worker-pool';
import { ProcessExitError } from 'sc-protocol';
import type { CentralLog } from '../../log/central-log.js';
import type { LogEntry, Origin } from '../../log/entry.js';
import type { BalancerProcesses } from '../delivery/proxy.js';
import type { Pools } from './pools.js';

/** Callbacks for events that an operator must be informed of. */
export interface PoolWatcher {
  /** Crashes are logged only while the cluster runs; during the start, a crash becomes the error of the start. */
  readonly isRunning: () => boolean;
  /** Number of slots of the pool. */
  readonly count: number;
  /** A process crashed, or its restarts were given up. Already in the central log. */
  readonly onFail: (error: Error) => void;
  /** A process has a problem. Already in the central log. */
  readonly onWarning: (message: string) => void;
  /** Restarts were given up for every slot of the pool. */
  readonly onExtinct: (role: string) => void;
}

/** Watches every pool of a cluster. */
export function watchPools(
  { stores, workers }: Pools,
  balancers: BalancerProcesses | undefined,
  counts: { readonly stores: number; readonly workers: number; readonly balancers: number },
  log: CentralLog,
  watcher: Omit<PoolWatcher, 'count'>,
): void {
  watchPool(stores, 'store', log, { ...watcher, count: counts.stores });
  watchPool(workers, 'worker', log, { ...watcher, count: counts.workers });
  if (balancers !== undefined) watchPool(balancers, 'balancer', log, { ...watcher, count: counts.balancers });
}

/** Writes the log entries, output and crashes of a pool's processes to the central log: one entry per crash. */
export function watchPool<Init, In, Out extends { readonly type: string }>(
  pool: WorkerPool<Init, In, Out>,
  role: Exclude<Origin['role'], 'supervisor'>,
  log: CentralLog,
  { count, isRunning, onFail, onWarning, onExtinct }: PoolWatcher,
): void {
  const givenUp = new Set<number>();
  // A reload restarts processes in slots that were given up.
  pool.on('ready', ({ id }) => givenUp.delete(id));
  pool.on('message', ({ id, pid }, message) => {
    if (message.type !== 'log') return;
    const { time, level, message: text, details, error } = (message as unknown as { entry: LogEntry }).entry;
    // Set the origin here; do not trust the one in the message.
    const origin = { role, id, ...(pid !== undefined && { pid }) };
    log.write({ time, level, origin, message: text, ...(details && { details }), ...(error && { error }) });
  });
  pool.on('output', ({ id, pid }, stream, text) => {
    const origin = { role, id, ...(pid !== undefined && { pid }) };
    log.write({ time: Date.now(), level: stream === 'stderr' ? 'warn' : 'info', origin, message: text, stream });
  });
  pool.on('exit', (report) => {
    if (report.kind !== 'crash' || !isRunning()) return;
    const error = crashError(report);
    log.write(crashEntry(role, report, error));
    onFail(error);
  });
  pool.on('warning', (error, { id, pid }) => {
    const origin = { role, id, ...(pid !== undefined && { pid }) };
    log.from(origin).warn(error.message);
    onWarning(error.message);
  });
  pool.on('giveUp', (error, { id }) => {
    givenUp.add(id);
    log.from({ role: 'supervisor', pid: process.pid }).error(error.message);
    onFail(error);
    if (givenUp.size === count) onExtinct(role);
  });
}

function crashError(report: ExitReport): ProcessExitError {
  const { role, id, pid = 0, code, signal } = report;
  const error = new ProcessExitError(describeExit(report), {
    role,
    id,
    pid,
    ...(code !== null && { exitCode: code }),
    ...(signal !== null && { signal }),
  });
  return Object.assign(error, { origin: { role, id, pid } });
}

function crashEntry(role: Exclude<Origin['role'], 'supervisor'>, report: ExitReport, error: Error): LogEntry {
  const { id, pid, code, signal, uptimeMs, lastError, lastStack, stderrTail } = report;
  return {
    time: Date.now(),
    level: 'error',
    origin: { role, id, ...(pid !== undefined && { pid }) },
    message: error.message,
    // A process that runs out of memory reports that on stderr only.
    details: { code, signal, uptimeMs, ...(stderrTail.length > 0 && { stderr: stderrTail.join('\n') }) },
    ...(lastError !== undefined && { error: { ...lastError, ...(lastStack !== undefined && { stack: lastStack }) } }),
  };
}
