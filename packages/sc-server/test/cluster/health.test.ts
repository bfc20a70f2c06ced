import { connect, createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, waitFor } from 'sc-testkit';
import { SocketCluster } from '../../dist/index.js';
import { controller, keepingLogger, startCluster, type TestCluster } from './support.js';

const cleanup = createCleanup();
const exitCode = process.exitCode;
afterEach(async () => {
  await cleanup.run();
  process.exitCode = exitCode;
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function ask(cluster: SocketCluster, path: string, method = 'GET'): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${cluster.status().healthPort}${path}`, { method });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

const ready = { status: 200, body: { ready: true } };
const notReady = (...reasons: string[]) => ({ status: 503, body: { ready: false, reasons } });

/** Asks until the answer is the wanted one; every answer on the way is one of a host that is not ready. */
async function expectReadyz(cluster: SocketCluster, wanted: Answer): Promise<void> {
  let answer: Answer | undefined;
  await waitFor(
    async () => {
      answer = await ask(cluster, '/readyz');
      return JSON.stringify(answer) === JSON.stringify(wanted);
    },
    { deadlineMs: 20_000, what: () => `${JSON.stringify(wanted)}; the last was ${JSON.stringify(answer)}` },
  );
}

async function start(options: Parameters<typeof startCluster>[0] = {}): Promise<TestCluster> {
  return cleanup.add(await startCluster({ healthPort: 0, ...options }), ({ cluster }) => cluster.close());
}

describe('the health of a cluster', () => {
  it('is alive from the first moment, and ready when it serves', async () => {
    const { logger } = keepingLogger();
    const cluster = new SocketCluster({
      workerController: controller('worker.cjs'),
      port: 0,
      healthPort: 0,
      workers: 1,
      authKey: 'a key of thirty-two bytes or more',
      logger,
    });
    cleanup.add(cluster, (started) => started.close());
    await waitFor(() => cluster.status().healthPort, { what: 'the health port' });
    expect(await ask(cluster, '/healthz')).toEqual({ status: 200, body: { alive: true } });
    expect(await ask(cluster, '/readyz')).toEqual(notReady('the cluster is starting'));
    await cluster.whenReady();
    expect(await ask(cluster, '/readyz')).toEqual(ready);
    expect(await ask(cluster, '/readyz?verbose', 'HEAD')).toEqual({ status: 200, body: undefined });
    expect(await ask(cluster, '/readyz', 'POST')).toEqual({ status: 405, body: { error: 'method not allowed' } });
    expect(await ask(cluster, '/other')).toEqual({ status: 404, body: { error: 'not found' } });
  });

  it('is not ready while its store is away', async () => {
    const { cluster } = await start();
    process.kill(cluster.status().stores[0]?.pid ?? 0, 'SIGKILL');
    await expectReadyz(cluster, notReady('1 of 1 stores away'));
    await expectReadyz(cluster, ready);
  });

  it('is not ready while its only worker is away, and ready while one of two is', async () => {
    const { cluster } = await start({ workers: 2 });
    process.kill(cluster.status().workers[0]?.pid ?? 0, 'SIGKILL');
    await waitFor(() => cluster.status().workers.filter(({ state }) => state === 'ready').length === 1, {
      what: 'one worker to be away',
    });
    expect(await ask(cluster, '/readyz')).toEqual(ready);
    const left = cluster.status().workers.find(({ state }) => state === 'ready');
    process.kill(left?.pid ?? 0, 'SIGKILL');
    await expectReadyz(cluster, ready);
  });

  it('is not ready while every worker is overloaded', async () => {
    const { NODE_OPTIONS } = process.env;
    cleanup.add(NODE_OPTIONS, (before) => {
      if (before === undefined) delete process.env['NODE_OPTIONS'];
      else process.env['NODE_OPTIONS'] = before;
    });
    // With so small a heap, what a worker needs at its start is more than one percent.
    process.env['NODE_OPTIONS'] = '--max-old-space-size=128';
    const { cluster } = await start({ workers: 1, maxHeapPercent: 1 });
    await expectReadyz(cluster, notReady('every worker is overloaded'));
    expect(cluster.status().workers[0]?.overloaded).toBe(true);
    expect((await ask(cluster, '/healthz')).status).toBe(200);
  });

  it('is not ready while it ends, and is silent after that', async () => {
    const { cluster, port } = await start({ workers: 1, processTermTimeout: 20_000 });
    // A request under way holds up the end.
    const request = cleanup.add(connect(port), (opened) => opened.destroy());
    request.on('error', () => undefined);
    request.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
    await new Promise((resolve) => request.once('data', resolve));
    const closed = cluster.close();
    expect(await ask(cluster, '/readyz')).toEqual(notReady('the cluster is closing'));
    expect((await ask(cluster, '/healthz')).status).toBe(200);
    request.destroy();
    await closed;
    expect(cluster.status().healthPort).toBeUndefined();
  });

  it('says that its health port is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    cleanup.add(other, (server) => new Promise((resolve) => server.close(resolve)));
    const { port: healthPort } = other.address() as AddressInfo;
    const { logger } = keepingLogger();
    const cluster = new SocketCluster({ workerController: controller('worker.cjs'), port: 0, healthPort, logger });
    await expect(cluster.whenReady()).rejects.toThrow(
      `The cluster could not start: healthPort ${healthPort} on 127.0.0.1: it is in use already`,
    );
  });

  it('refuses an address without a port', () => {
    expect(() => new SocketCluster({ workerController: 'worker.js', healthHost: '0.0.0.0' })).toThrow(
      '`healthHost` needs healthPort, which is not given',
    );
  });
});
