import { afterEach, describe, expect, it } from '@jest/globals';
import { startCluster, type TestCluster } from './support.js';

describe('draining a cluster', () => {
  let test: TestCluster | undefined;
  afterEach(() => test?.cluster.close());

  it.each([0, 1])(
    'sends the clients away one after the other and takes no new ones, with %d balancers',
    async (balancers) => {
      test = await startCluster({ balancers });
      const { cluster, connect } = test;
      const sockets = await Promise.all(Array.from({ length: 6 }, connect));
      const order: number[] = [];
      const closed = sockets.map(async (socket, index) => {
        const { code } = await socket.closed;
        order.push(index);
        // The first to go sees that others are still served, while the door is closed.
        if (order.length === 1) {
          const others = sockets.filter((_socket, at) => !order.includes(at));
          const answer = Promise.any(others.map((other) => other.call('worker')));
          await expect(connect()).rejects.toThrow();
          expect((await answer).data).toMatchObject({ id: expect.any(Number) });
        }
        return code;
      });
      const draining = cluster.drain(3_000);
      expect(cluster.drain(3_000)).toBe(draining);
      expect(cluster.status()).toMatchObject({ state: 'draining' });
      await draining;
      expect(await Promise.all(closed)).toEqual(Array.from({ length: 6 }, () => 1001));
      expect(cluster.status()).toMatchObject({ state: 'closed', workers: [], stores: [], balancers: [] });
    },
  );

  it('refuses a time that is none, and goes on', async () => {
    test = await startCluster({ workers: 1 });
    const { cluster, connect } = test;
    for (const overMs of [-1, 0.5, Number.NaN, Infinity]) {
      expect(() => cluster.drain(overMs)).toThrow(
        'The time of drain() must be whole milliseconds from 0 to 2147483647',
      );
    }
    expect(cluster.status()).toMatchObject({ state: 'running' });
    await (await connect()).close();
  });

  it('ends at once when it is closed meanwhile', async () => {
    test = await startCluster();
    const socket = await test.connect();
    const draining = test.cluster.drain(3_600_000);
    await test.cluster.close();
    expect((await socket.closed).code).toBe(1001);
    await draining;
  });
});
