import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, isAlive, rawSocket, startProcess, waitFor, type StartedProcess } from 'sc-testkit';
import type { ClusterStatus } from '../../dist/index.js';
import { controller } from './support.js';

const cleanup = createCleanup();
const launch = fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url));
const deadlineMs = 60_000;

interface Running {
  readonly started: StartedProcess<ClusterStatus>;
  readonly all: readonly number[];
  readonly connect: () => ReturnType<typeof rawSocket>;
}

/** A cluster whose processes are the members of one process group. */
async function start(balancers: number): Promise<Running> {
  const started = await startProcess<ClusterStatus>(launch, {
    readyDeadlineMs: deadlineMs,
    env: {
      CLUSTER_OPTIONS: JSON.stringify({
        workerController: controller('keeps.cjs'),
        port: 0,
        workers: 2,
        stores: 1,
        balancers,
        appName: 'group',
        authKey: 'a key of thirty-two bytes or more',
      }),
    },
  });
  cleanup.add(started, (one) => one.stop());
  const { supervisor, workers, stores, balancers: relays, port } = started.ready;
  const connect = async () => {
    const socket = await rawSocket(`ws://localhost:${port}/socketcluster/`);
    await socket.handshake();
    return socket;
  };
  return { started, all: [supervisor, ...workers, ...stores, ...relays].map(({ pid }) => pid), connect };
}

/** Entries of processes that ended against the will of the supervisor. */
const crashes = ({ started }: Running): readonly string[] =>
  started
    .output()
    .split('\n')
    .filter((line) => /ended by|exited with code|did not answer|could not be started/.test(line));

// Signals are not delivered by Windows.
(process.platform === 'win32' ? describe.skip : describe)('a signal to the process group of a cluster', () => {
  afterEach(() => cleanup.run());

  it.each([
    { signal: 'SIGTERM', balancers: 0 },
    { signal: 'SIGTERM', balancers: 2 },
    { signal: 'SIGINT', balancers: 0 },
    { signal: 'SIGINT', balancers: 2 },
  ] as const)(
    '$signal ends it in order, with $balancers balancers',
    async ({ signal, balancers }) => {
      const running = await start(balancers);
      const sockets = [await running.connect(), await running.connect()];
      running.started.killGroup(signal);
      for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 1001 });
      expect(await running.started.exited).toMatchObject({ code: 0 });
      expect(running.all.filter((pid) => isAlive(pid))).toEqual([]);
      expect(crashes(running)).toEqual([]);
    },
    deadlineMs * 2,
  );

  it.each([0, 2])(
    'SIGUSR2 replaces the workers and nothing else, with %i balancers',
    async (balancers) => {
      const running = await start(balancers);
      const { started } = running;
      const { workers, stores, balancers: relays, supervisor } = started.ready;
      const before = await running.connect();
      await before.call('set', [['kept'], 'before the reload']);
      started.killGroup('SIGUSR2');
      await started.outputMatch(/Reload complete/, { deadlineMs });
      await waitFor(() => !workers.some(({ pid }) => isAlive(pid)), { deadlineMs, what: 'the old workers to end' });
      expect([supervisor, ...stores, ...relays].every(({ pid }) => isAlive(pid))).toBe(true);
      const after = await running.connect();
      expect(await after.call('get', [['kept']])).toMatchObject({ data: 'before the reload' });
      await after.close();
      expect(crashes(running)).toEqual([]);
    },
    deadlineMs * 2,
  );

  it('SIGHUP, as of a terminal that is closed, harms no process', async () => {
    const running = await start(2);
    const socket = await running.connect();
    running.started.killGroup('SIGHUP');
    await running.started.outputMatch(/SIGHUP ignored/, { deadlineMs });
    await socket.call('set', [['kept'], 1]);
    expect(await socket.call('get', [['kept']])).toMatchObject({ data: 1 });
    expect(running.all.filter((pid) => !isAlive(pid))).toEqual([]);
    await socket.close();
  }, 120_000);

  it('SIGTERM while it starts leaves no process behind', async () => {
    const starting = startProcess<ClusterStatus>(launch, {
      // The supervisor has logged something, and the workers are not ready.
      readyLine: /STARTED \{/,
      readyDeadlineMs: deadlineMs,
      env: {
        CLUSTER_OPTIONS: JSON.stringify({
          workerController: controller('keeps.cjs'),
          port: 0,
          workers: 4,
          stores: 1,
          appName: 'group',
          authKey: 'a key of thirty-two bytes or more',
        }),
      },
    });
    const started = await starting;
    cleanup.add(started, (one) => one.stop());
    started.killGroup('SIGTERM');
    await started.exited;
    const pids = [...started.output().matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid));
    expect(pids.filter((pid) => isAlive(pid))).toEqual([]);
  }, 120_000);
});
