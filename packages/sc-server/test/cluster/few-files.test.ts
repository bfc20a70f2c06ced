import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { createCleanup, isAlive, rawSocket, startProcess, tempDir, waitFor } from 'sc-testkit';
import type { ClusterStatus } from '../../dist/index.js';
import { askCluster } from '../../dist/tools.js';
import { controller } from './support.js';

/** The limit of open files of every process of the cluster. */
const files = 200;
const clients = 700;
/** Clients that connect at once: fewer than the kernel queues. */
const wave = 100;

const cleanup = createCleanup();
const launch = fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url));
const sum = (counts: object): number => Object.values(counts).reduce((all: number, n) => all + Number(n), 0);
const pidsOf = ({ workers, stores, balancers }: ClusterStatus) =>
  [...workers, ...stores, ...balancers].map(({ pid }) => pid);

describe('a cluster with fewer file descriptors than clients', () => {
  afterEach(() => cleanup.run());

  it.each([
    { balancers: 0, workers: 2 },
    // More room in the balancers than in the worker.
    { balancers: 2, workers: 1 },
    // And less.
    { balancers: 1, workers: 2 },
  ])(
    'counts and logs every connection that it closes, with $balancers balancers and $workers workers',
    async ({ balancers, workers }) => {
      const { path } = cleanup.add(tempDir(), (one) => one.remove());
      const controlPath = join(path, 'control.sock');
      const cluster = await startProcess<ClusterStatus>('-c', {
        program: '/bin/sh',
        args: [`ulimit -n ${files}; exec "$0" "$@"`, process.execPath, launch],
        env: {
          CLUSTER_OPTIONS: JSON.stringify({
            workerController: controller('page.cjs'),
            port: 0,
            controlPath,
            workers,
            stores: 1,
            balancers,
            maxEventLoopLag: 0,
            headersTimeout: 600_000,
            appName: `few-${balancers}-${workers}`,
            authKey: 'a key of thirty-two bytes or more',
          }),
        },
      });
      cleanup.add(cluster, (one) => one.stop());
      const { port = 0 } = cluster.ready;
      const status = () => askCluster(controlPath, 'status', { deadlineMs: 20_000 }) as Promise<ClusterStatus>;
      const begunAt = performance.now();

      const open = new Set<Socket>();
      for (let opened = 0; opened < clients;) {
        for (let i = 0; i < wave; i++) {
          const socket = connect(port, '127.0.0.1');
          open.add(socket);
          socket.on('error', () => undefined).on('close', () => open.delete(socket));
          socket.resume();
        }
        opened += wave;
        await waitFor(async () => (await status()).supervisor.accepted === opened, { what: () => `${opened} clients` });
      }
      cleanup.add(open, (all) => {
        for (const socket of all) socket.destroy();
      });
      const refused = ({ supervisor, balancers: all }: ClusterStatus) =>
        sum(supervisor.limitHits) + all.reduce((count, { limitHits = {} }) => count + sum(limitHits), 0);
      await waitFor(async () => refused(await status()) === clients - open.size && open.size < clients, {
        deadlineMs: 30_000,
        what: () => `a count of all that were closed; ${open.size} are open; ${cluster.output()}`,
      });
      const served = async () =>
        (await status()).workers.reduce((count, { connections = 0 }) => count + connections, 0);
      await waitFor(async () => open.size > 0 && (await served()) === open.size, {
        deadlineMs: 30_000,
        what: () => `the workers to have the ${open.size} others`,
      });

      const lines = cluster.output().match(/"message":"A connection was not (accepted|relayed)"/g) ?? [];
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.length).toBeLessThanOrEqual((1 + balancers) * ((performance.now() - begunAt) / 1_000 + 1));
      expect(cluster.output()).toContain('ulimit -n');

      for (const socket of open) socket.destroy();
      await waitFor(
        async () => {
          const socket = await rawSocket(`ws://127.0.0.1:${port}/socketcluster/`);
          await socket.handshake();
          await socket.close();
          return true;
        },
        { deadlineMs: 30_000, what: 'the cluster to serve again' },
      );
      expect(pidsOf(cluster.ready).filter((pid) => !isAlive(pid))).toEqual([]);
    },
    120_000,
  );
});
