import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, startProcess, waitFor } from 'sc-testkit';
import type { ClusterStatus } from '../../dist/index.js';
import { controller } from './support.js';

const crashes = 4;
const ticksPerSecond = 100;

/** CPU time that a process has used, in seconds. */
function cpuSeconds(pid: number): number {
  const [, rest = ''] = /^\d+ \(.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  const fields = rest.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

// CPU time of another process is a file on Linux only.
(process.platform === 'linux' ? describe : describe.skip)('a worker that throws a second after its start', () => {
  const cleanup = createCleanup();
  afterEach(() => cleanup.run());

  it('is one entry with file and line each time, and next to no work while the next start waits', async () => {
    const started = await startProcess<ClusterStatus>(
      fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url)),
      {
        env: {
          CLUSTER_OPTIONS: JSON.stringify({
            workerController: controller('throws-later.cjs'),
            port: 0,
            workers: 1,
            stores: 1,
            appName: 'throws-later',
            authKey: 'a key of thirty-two bytes or more',
          }),
        },
      },
    );
    cleanup.add(started, (program) => program.stop());
    const starts = () => [...started.output().matchAll(/^STARTED /gm)].length;
    const errors = () =>
      [...started.output().matchAll(/^\{.*"level":"error".*\}$/gm)].map(
        ([line]) => JSON.parse(line) as { message: string; error?: { stack?: string } },
      );
    await waitFor(() => errors().length === crashes, { deadlineMs: 60_000, what: `${crashes} crashes` });
    const rest = [started.pid, ...started.ready.stores.map(({ pid }) => pid)];
    const used = () => rest.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
    const [before, at] = [used(), performance.now()];
    await waitFor(() => starts() > crashes, { deadlineMs: 60_000, what: 'the next start' });
    const share = (used() - before) / ((performance.now() - at) / 1_000);
    expect(share).toBeLessThan(0.1);
    for (const { message, error } of errors().slice(0, crashes)) {
      expect(message).toMatch(/^worker 0 \(pid \d+\) exited with code 1: Error: the queue is gone/);
      expect(error?.stack).toMatch(/throws-later\.cjs:3:\d+/);
    }
    expect(await started.stop()).toMatchObject({ code: 0 });
  }, 150_000);
});
