import { readFileSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, waitFor } from 'sc-testkit';
import { controller, startCluster } from './support.js';

const cleanup = createCleanup();
/** A heartbeat, a report, deadlines of HTTP and the like come once a second each; samples of the event loop four times. */
const mostWakeUpsPerSecond = 30;
const windowMs = 2_000;

/** How often the threads of a process have slept and been woken since they started. */
function wakeUps(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
    return sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
  }, 0);
}

// Only Linux counts these where they can be read.
(process.platform === 'linux' ? describe : describe.skip)('the processes of a cluster without clients', () => {
  afterEach(() => cleanup.run());

  it('sleep most of the time', async () => {
    const { cluster } = await startCluster({
      workerController: controller('page.cjs'),
      balancers: 1,
      // The default of a server; other tests turn it off.
      maxEventLoopLag: 200,
    });
    cleanup.add(cluster, (one) => one.close());
    const { workers, stores, balancers } = cluster.status();
    const idle = new Map<number, number>();
    await waitFor(
      async () => {
        const awake = [...workers, ...stores, ...balancers].filter(({ pid }) => !idle.has(pid));
        const before = awake.map(({ pid }) => [pid, wakeUps(pid), performance.now()] as const);
        await new Promise((resolve) => setTimeout(resolve, windowMs));
        for (const [pid, count, since] of before) {
          const perSecond = ((wakeUps(pid) - count) * 1_000) / (performance.now() - since);
          // A process that was just started, or that collects garbage, is looked at again.
          if (perSecond <= mostWakeUpsPerSecond) idle.set(pid, perSecond);
        }
        return idle.size === 4;
      },
      { deadlineMs: 60_000, what: () => `all processes to be idle: ${JSON.stringify([...idle])}` },
    );
    expect(cluster.status().workers.map(({ restarts }) => restarts)).toEqual([0, 0]);
  });
});
