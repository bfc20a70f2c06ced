// Runs in a thread of its own, started by `startOrphanWatchdog`.
import { workerData } from 'node:worker_threads';
import type { WatchdogData } from './orphan-watchdog.js';

const lookIntervalMs = 500;
const { parentPid, killAfterMs } = workerData as WatchdogData;

const looking = setInterval(() => {
  if (isThere()) return;
  clearInterval(looking);
  // `process.exit()` would only end this thread.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), killAfterMs);
}, lookIntervalMs);

/**
 * Whether the parent still runs. On Windows, a child keeps the parent id of a dead parent; elsewhere, it is reparented
 * immediately.
 */
function isThere(): boolean {
  if (process.platform !== 'win32') return process.ppid === parentPid;
  try {
    process.kill(parentPid, 0);
    return true;
  } catch {
    return false; // ESRCH: there is no such process.
  }
}
