import { Worker } from 'node:worker_threads';

/** Data passed to the thread. */
export interface WatchdogData {
  readonly parentPid: number;
  readonly killAfterMs: number;
}

/** Extra time after the orphan timeout before the kill, in milliseconds: the process may be about to exit. */
const graceMs = 500;

/** Enough to start Node in a thread; the thread itself needs no memory. */
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 };

/**
 * Kills this process when its parent has been gone for longer than the orphan timeout. A thread checks the parent,
 * because a process with a blocked event loop cannot. It costs about 8 MB and does not keep the process alive.
 */
export function startOrphanWatchdog(orphanTimeoutMs: number): void {
  const workerData: WatchdogData = { parentPid: process.ppid, killAfterMs: orphanTimeoutMs + graceMs };
  // Do not inherit this process's arguments: the thread needs no debugger and no preloaded modules.
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
