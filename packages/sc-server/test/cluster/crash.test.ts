import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { connectToTwoWorkers, startCluster, type TestCluster } from './support.js';

describe('a cluster in which a process dies', () => {
  let test: TestCluster | undefined;
  afterEach(() => test?.cluster.close());

  const errors = () => test?.log.filter(({ level }) => level === 'error') ?? [];

  it('logs one entry, emits fail and workerExit, and starts another worker in its place', async () => {
    test = await startCluster();
    const { cluster } = test;
    const failures: (Error & { origin?: unknown })[] = [];
    const exits: unknown[] = [];
    const starts: unknown[] = [];
    cluster.on('fail', (error) => failures.push(error));
    cluster.on('workerExit', ({ id, pid, code, signal }) => exits.push({ id, pid, code, signal }));
    cluster.on('workerStart', (info) => starts.push(info));
    const [victim] = cluster.status().workers;
    const pid = victim?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await waitFor(() => starts.length > 0, { what: 'the worker to run again' });
    expect(exits).toEqual([{ id: 0, pid, code: null, signal: 'SIGKILL' }]);
    expect(starts).toEqual([{ id: 0, pid: expect.any(Number), respawn: true }]);
    expect(failures).toEqual([
      expect.objectContaining({ code: 'SC_PROCESS_EXIT', origin: { role: 'worker', id: 0, pid } }),
    ]);
    expect(errors()).toEqual([
      expect.objectContaining({
        message: `worker 0 (pid ${pid}) was ended by SIGKILL`,
        details: expect.objectContaining({ role: 'worker', id: 0, pid, signal: 'SIGKILL' }),
      }),
    ]);
    expect(cluster.status().workers).toEqual([
      expect.objectContaining({ id: 0, state: 'ready', restarts: 1 }),
      expect.objectContaining({ id: 1, state: 'ready', restarts: 0 }),
    ]);
  });

  it('says in the log what error a worker died of, with its stack', async () => {
    test = await startCluster();
    const socket = await test.connect();
    socket.emit('crash');
    await socket.closed;
    await waitFor(() => errors().length > 0, { what: 'the crash in the log' });
    expect(errors()).toHaveLength(1);
    expect(errors()[0]?.message).toMatch(/^worker \d \(pid \d+\) exited with code 1: Error: crashed on purpose$/);
    expect(errors()[0]?.details['error']).toMatchObject({ stack: expect.stringContaining('worker.cjs') });
  });

  it.each([0, 1])('leaves the clients of other workers alone, with %d balancers', async (balancers) => {
    test = await startCluster({ balancers });
    const [first, second] = await connectToTwoWorkers(test);
    await second.call('#subscribe', { channel: 'news' });
    const { pid } = (await first.call('worker')).data as { pid: number };
    process.kill(pid, 'SIGKILL');
    await first.closed;
    const third = await test.connect();
    await third.call('#publish', { channel: 'news', data: 'still here' });
    expect(await second.next((frame) => frame['event'] === '#publish')).toMatchObject({ data: { data: 'still here' } });
    await Promise.all([second.close(), third.close()]);
  });

  it('subscribes again by itself when a store comes back', async () => {
    test = await startCluster();
    const [first, second] = await connectToTwoWorkers(test);
    await second.call('#subscribe', { channel: 'news' });
    const [store] = test.cluster.status().stores;
    process.kill(store?.pid ?? 0, 'SIGKILL');
    const restarted = () =>
      test?.cluster.status().stores.some(({ state, restarts }) => state === 'ready' && restarts === 1);
    await waitFor(restarted, { what: 'the store to run again' });
    await waitFor(
      async () => {
        await first.call('#publish', { channel: 'news', data: 'after' });
        return second.frames.some((frame) => frame['event'] === '#publish');
      },
      { what: 'a publication through the new store' },
    );
    expect(errors()).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/^store 0 .* was ended by SIGKILL$/) }),
    ]);
    await Promise.all([first.close(), second.close()]);
  });

  it('keeps serving when a balancer dies', async () => {
    test = await startCluster({ balancers: 2 });
    const [balancer] = test.cluster.status().balancers;
    process.kill(balancer?.pid ?? 0, 'SIGKILL');
    for (let count = 0; count < 6; count++) await (await test.connect()).close();
    await waitFor(() => test?.cluster.status().balancers.every(({ state }) => state === 'ready'), {
      what: 'the balancer to run again',
    });
    expect(errors()).toEqual([expect.objectContaining({ message: expect.stringContaining('was ended by SIGKILL') })]);
  });

  it('replaces every process when all die at once', async () => {
    test = await startCluster({ balancers: 2 });
    const { workers, stores, balancers } = test.cluster.status();
    for (const { pid } of [...balancers, ...workers, ...stores]) process.kill(pid, 'SIGKILL');
    const isReplaced = () => {
      const now = test!.cluster.status();
      const all = [...now.workers, ...now.stores, ...now.balancers];
      return all.length === 5 && all.every(({ state, restarts }) => state === 'ready' && restarts === 1);
    };
    await waitFor(isReplaced, { deadlineMs: 30_000, what: 'five new processes' });
    const socket = await test.connect();
    expect((await socket.call('worker')).data).toMatchObject({ id: expect.any(Number) });
    await socket.close();
  }, 60_000);
});
