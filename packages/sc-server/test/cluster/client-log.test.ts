import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, rawSocket, waitFor } from 'sc-testkit';
import { startCluster } from './support.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

describe.each([0, 1])('The log of clients of a cluster with %i balancers', (balancers) => {
  it('has each step of a client with its worker, and limits are counted in the status', async () => {
    const { cluster, log, url, connect } = await startCluster({
      balancers,
      workers: 1,
      logLevel: 'debug',
      origins: ['https://app.example'],
      allowNoOrigin: true,
      maxPayloadBytes: 20_000,
    });
    cleanup.add(cluster, (one) => one.close());
    const entries = (message: string) => log.filter((line) => line.message === message).map(({ details }) => details);

    await expect(rawSocket(url, { headers: { Origin: 'https://evil.example' } })).rejects.toThrow('403');
    const socket = await connect();
    socket.send('x'.repeat(20_001));
    expect(await socket.closed).toMatchObject({ code: 1009 });

    await waitFor(() => entries('Client disconnected').length > 0, { what: () => JSON.stringify(log) });
    const client = { role: 'worker', id: 0, remoteAddress: expect.stringMatching(/127\.0\.0\.1$|^::1$/) as unknown };
    expect(entries('Upgrade refused')).toEqual([
      expect.objectContaining({ ...client, status: 403, origin: 'https://evil.example' }),
    ]);
    const [connected] = entries('Client connected');
    const ofOne = { ...client, socketId: connected?.['socketId'] };
    expect(entries('Client completed its handshake')).toEqual([expect.objectContaining(ofOne)]);
    expect(entries('Client reached a limit')).toEqual([
      expect.objectContaining({ ...ofOne, limit: 'messageBytes', option: 'maxPayloadBytes', value: 20_000 }),
    ]);
    expect(entries('Client disconnected')).toEqual([expect.objectContaining({ ...ofOne, code: 1009 })]);

    await waitFor(() => cluster.status().workers[0]?.limitHits?.messageBytes === 1, {
      what: () => `the limit in the status: ${JSON.stringify(cluster.status())}`,
    });
    expect(cluster.status().supervisor.limitHits).toEqual({
      connectsPerSecondPerAddress: 0,
      maxWaiting: 0,
      maxConnections: 0,
      targetConnections: 0,
    });
    await waitFor(() => cluster.status().balancers.every(({ limitHits }) => limitHits?.maxConnections === 0), {
      what: () => `the limits of balancers in the status: ${JSON.stringify(cluster.status())}`,
    });
  });
});

describe('A cluster whose connections are limited', () => {
  it('counts what its balancers and its supervisor refuse', async () => {
    const { cluster, url } = await startCluster({
      balancers: 1,
      workers: 1,
      maxConnectionsPerAddress: 2,
      connectsPerSecondPerAddress: 5,
    });
    cleanup.add(cluster, (one) => one.close());
    // The burst is twice the rate.
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => rawSocket(url)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    await waitFor(
      () =>
        (cluster.status().balancers[0]?.limitHits?.connectionsPerAddress ?? 0) > 0 &&
        cluster.status().supervisor.limitHits.connectsPerSecondPerAddress > 0,
      { what: () => `both to be counted: ${JSON.stringify(cluster.status())}` },
    );
  });
});

describe('A store that was killed', () => {
  it('is reported as lost, and as back, by every worker', async () => {
    const { cluster, log } = await startCluster({ workers: 2 });
    cleanup.add(cluster, (one) => one.close());
    process.kill(cluster.status().stores[0]?.pid ?? 0, 'SIGKILL');
    const back = () => log.filter(({ message }) => message === 'A store link is back');
    await waitFor(() => back().length === 2, { deadlineMs: 30_000, what: () => JSON.stringify(log) });
    expect(back().map(({ level, details }) => [level, details['id']])).toEqual(
      expect.arrayContaining([
        ['info', 0],
        ['info', 1],
      ]),
    );
  });
});
