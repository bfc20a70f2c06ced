import type { PoolMember } from 'sc-worker-pool';
import type { ToWorker } from './children/messages.js';
import type { WorkerProcesses } from './pools/pools.js';
import { tell } from './pools/tell.js';

/** Additional time for workers to report that they are drained. */
const graceMs = 2_000;
const longestTimerMs = 2 ** 31 - 1;

/**
 * Makes workers disconnect their clients over `overMs`. Settles when every worker has reported or exited, or at the
 * deadline.
 */
export function drainWorkers(workers: WorkerProcesses, overMs: number): Promise<void> {
  const busy = new Set<PoolMember<ToWorker>>(workers.members.filter(({ state }) => state === 'ready'));
  for (const member of busy) tell(member, { type: 'drain', overMs });
  return new Promise((resolve) => {
    const deadline = setTimeout(finish, Math.min(overMs + graceMs, longestTimerMs));
    workers.on('message', onMessage).on('exit', onExit);
    if (busy.size === 0) finish();

    function onMessage(member: PoolMember<ToWorker>, { type }: { readonly type: string }): void {
      if (type === 'drained') leave(member);
    }
    function onExit(_report: unknown, member: PoolMember<ToWorker>): void {
      leave(member);
    }
    function leave(member: PoolMember<ToWorker>): void {
      busy.delete(member);
      if (busy.size === 0) finish();
    }
    function finish(): void {
      clearTimeout(deadline);
      workers.off('message', onMessage).off('exit', onExit);
      resolve();
    }
  });
}
