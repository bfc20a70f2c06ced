// Runs in a thread of its own. `startOrphanWatchdog` says what for.
import { workerData } from 'node:worker_threads';
import type { WatchdogData } from './orphan-watchdog.js';

const lookIntervalMs = 500;
const { parentPid, killAfterMs } = workerData as WatchdogData;

const looking = setInterval(() => {
  if (isThere()) return;
  clearInterval(looking);
  // Not process.exit(), which in a thread ends the thread only.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), killAfterMs);
}, lookIntervalMs);

/** On Windows a child keeps the id of its dead parent; elsewhere it gets another parent at once. */
function isThere(): boolean {
  if (process.platform !== 'win32') return process.ppid === parentPid;
  try {
    process.kill(parentPid, 0);
    return true;
  } catch {
    return false; // ESRCH: there is no such process.
  }
}
