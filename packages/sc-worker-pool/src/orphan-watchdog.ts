import { Worker } from 'node:worker_threads';

/** Data passed to the thread. */
export interface WatchdogData {
  readonly parentPid: number;
  readonly killAfterMs: number;
}

/** How much longer than its orphan timeout a process may live before it is killed: it may be about to exit. */
const graceMs = 500;

/** Enough to start Node in a thread; the thread itself keeps nothing. */
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 };

/**
 * Kills this process when its parent has been gone for longer than the orphan timeout. A process whose event loop is
 * blocked cannot see that itself, so a thread looks. It costs about 8 MB and does not keep the process alive.
 */
export function startOrphanWatchdog(orphanTimeoutMs: number): void {
  const workerData: WatchdogData = { parentPid: process.ppid, killAfterMs: orphanTimeoutMs + graceMs };
  // Not this process's own arguments: a debugger or a module to preload has no business there.
  const options = { workerData, execArgv: [], env: {}, resourceLimits, name: 'orphan watchdog' };
  const withoutIt = (error: unknown): void => {
    process.emitWarning(`No watchdog for an orphan that spins: ${String(error)}`);
  };
  try {
    const thread = new Worker(new URL('./orphan-watchdog-thread.js', import.meta.url), options);
    thread.on('error', withoutIt);
    thread.unref();
  } catch (error) {
    withoutIt(error);
  }
}
