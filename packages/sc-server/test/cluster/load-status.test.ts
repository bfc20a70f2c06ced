import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, waitFor } from 'sc-testkit';
import { startCluster } from './support.js';

const ofEveryProcess = {
  id: 0,
  pid: expect.any(Number),
  state: 'ready',
  uptimeMs: expect.any(Number),
  silentMs: expect.any(Number),
  restarts: 0,
  connections: expect.any(Number),
  rssBytes: expect.any(Number),
  lagMs: expect.any(Number),
  utilization: expect.any(Number),
};

describe('the status of a cluster', () => {
  const cleanup = createCleanup();
  afterEach(() => cleanup.run());

  it.each([0, 1])(
    'has the connections of each process and the rates of workers, with %d balancers',
    async (balancers) => {
      const { cluster, connect } = await startCluster({ workers: 1, balancers });
      cleanup.add(cluster, () => cluster.close());
      const sockets = await Promise.all([connect(), connect(), connect()]);
      const talk = setInterval(() => {
        for (const socket of sockets) void socket.call('worker').catch(() => undefined);
      }, 20);
      cleanup.add(talk, clearInterval);
      await waitFor(
        () => {
          const { workers, stores, balancers: relays } = cluster.status();
          const [worker] = workers;
          const isBusy = (worker?.framesInPerSecond ?? 0) > 10 && (worker?.framesOutPerSecond ?? 0) > 10;
          const counts = [...workers, ...relays, ...stores].map(({ connections }) => connections);
          return isBusy && String(counts) === String([3, ...relays.map(() => 3), 1]);
        },
        { what: 'the connections and rates' },
      );
      await waitFor(
        () => {
          const { workers, stores, balancers: relays } = cluster.status();
          return [...workers, ...stores, ...relays].every(({ rssBytes }) => rssBytes !== undefined);
        },
        { what: 'the first pulse of each process' },
      );
      const { workers, stores, balancers: relays } = cluster.status();
      for (const one of [...workers, ...stores, ...relays]) expect(one).toMatchObject(ofEveryProcess);
      const rate = expect.any(Number);
      expect(workers).toMatchObject([{ framesInPerSecond: rate, framesOutPerSecond: rate }]);
      expect(stores).toMatchObject([{ commandsPerSecond: rate }]);
      expect(relays).toMatchObject(relays.map(() => ({ connectionsPerSecond: rate })));
      clearInterval(talk);
      await waitFor(() => cluster.status().workers[0]?.framesInPerSecond === 0, { what: 'the end of the frames' });
      await Promise.all(sockets.map((socket) => socket.close()));
      await waitFor(() => cluster.status().workers[0]?.connections === 0, { what: 'the end of the connections' });
      expect(cluster.status().workers).toMatchObject([{ clients: 0, overloaded: false, framesInPerSecond: 0 }]);
      expect(cluster.status().stores).toMatchObject([{ limitHits: { authFailures: 0, pendingBytes: 0 } }]);
    },
  );
});
