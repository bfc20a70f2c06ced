// Real faults on a cluster under steady load. `pnpm test:faults` runs them in full size: 500 clients, a minute of kills.
import { connect as connectTcp, type Socket } from 'node:net';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isAlive, processGroup, rawSocket, waitFor } from 'sc-testkit';
import type { ProcessStatus } from '../../dist/index.js';
import { openFiles, percentile, startHurtCluster, startRig, type Rig, type Seen } from './rig.js';

const isFull = process.env['SC_TEST_SIZE'] === 'full';
const size = isFull
  ? {
      clients: 500,
      publishesPerSecond: 50,
      kills: 20,
      pauseMs: 3_000,
      stopMs: 30_000,
      files: 256,
      connects: 1_000,
      fullMs: 5_000,
    }
  : {
      clients: 60,
      publishesPerSecond: 50,
      kills: 2,
      pauseMs: 500,
      stopMs: 1_000,
      files: 64,
      connects: 200,
      fullMs: 1_500,
    };
const timeoutMs = isFull ? 240_000 : 90_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** In full size the figures are the result. */
function tell(fault: string, { away, lostFrom, received, asked, refusals }: Seen, more: object = {}): void {
  const [p50, p99, longest] = [0.5, 0.99, 1].map((share) => percentile(away, share));
  const figures = { fault, lost: lostFrom.length, back: away.length, p50, p99, longest, received, asked };
  if (isFull) process.stderr.write(`${JSON.stringify({ ...figures, refusals: refusals.length, ...more })}\n`);
}

/** A figure of time counts only where the machine is the test's own. */
function expectBackInTime({ away }: Seen): void {
  if (isFull) expect(percentile(away, 0.99)).toBeLessThan(2_000);
}

describe('a cluster under load that is hurt', () => {
  let rig: Rig;
  let filesBefore: number;
  beforeAll(async () => {
    const cluster = { workers: 3, stores: 2, balancers: 2 };
    rig = await startRig({ clients: size.clients, publishesPerSecond: size.publishesPerSecond, cluster });
    await rig.settle();
    filesBefore = openFiles(rig.cluster.pid);
  }, timeoutMs);
  afterAll(() => rig.stop(), timeoutMs);

  /** Waits until other processes serve in the places of these. */
  const untilReplaced = (role: 'stores' | 'balancers', old: readonly ProcessStatus[]) =>
    waitFor(
      async () => {
        const now = (await rig.status())[role];
        return old.every(({ id, pid }) => now.some((one) => one.id === id && one.pid !== pid && one.state === 'ready'));
      },
      { deadlineMs: 30_000, what: `new ${role}` },
    );

  it(
    'replaces workers that are killed; clients of others notice nothing',
    async () => {
      await rig.reset();
      const killed = new Set<number | null>();
      const respawnMs: number[] = [];
      for (let kill = 0; kill < size.kills; kill++) {
        const { workers } = await rig.status();
        const ready = workers.filter(({ state }) => state === 'ready');
        const { id, pid } = ready[kill % ready.length]!;
        killed.add(pid);
        const at = Date.now();
        process.kill(pid, 'SIGKILL');
        await waitFor(() => rig.startsAfter(at).find((start) => start.id === id), { what: `worker ${id} to be back` });
        respawnMs.push(rig.startsAfter(at).find((start) => start.id === id)!.at - at);
        await pause(Math.max(0, at + size.pauseMs - Date.now()));
      }
      await rig.settle();
      const seen = await rig.seen();
      tell('kill -9 of workers', seen, { kills: size.kills, respawnMs });
      // A client that was lost before it had asked where it was does not know.
      expect(seen.lostFrom.filter((pid) => pid !== null && !killed.has(pid))).toEqual([]);
      expect(seen.away).toHaveLength(seen.lostFrom.length);
      expect(seen.refusals.filter((code) => code === 'ECONNREFUSED')).toEqual([]);
      expectBackInTime(seen);
    },
    timeoutMs,
  );

  it(
    'subscribes again when a store is killed, and loses no client',
    async () => {
      await rig.reset();
      const { stores } = await rig.status();
      for (const { pid } of stores) process.kill(pid, 'SIGKILL');
      await untilReplaced('stores', stores);
      await rig.settle();
      const { received } = await rig.seen();
      await waitFor(async () => (await rig.seen()).received >= received + size.clients, {
        what: 'publications by way of the new stores',
      });
      const seen = await rig.seen();
      tell('kill -9 of both stores', seen);
      expect(seen.lostFrom).toEqual([]);
      expect(seen.refusals).toEqual([]);
    },
    timeoutMs,
  );

  it(
    'takes connections while a balancer is dead; its clients come back',
    async () => {
      await rig.reset();
      const { balancers } = await rig.status();
      process.kill(balancers[0]!.pid, 'SIGKILL');
      await untilReplaced('balancers', balancers.slice(0, 1));
      await rig.settle();
      const seen = await rig.seen();
      tell('kill -9 of a balancer', seen);
      expect(seen.lostFrom.length).toBeLessThan(size.clients);
      expect(seen.away).toHaveLength(seen.lostFrom.length);
      expect(seen.refusals.filter((code) => code === 'ECONNREFUSED')).toEqual([]);
      expectBackInTime(seen);
    },
    timeoutMs,
  );

  it(
    'goes on beside a worker that stands still',
    async () => {
      await rig.reset();
      const { pid } = (await rig.status()).workers[1]!;
      process.kill(pid, 'SIGSTOP');
      await pause(size.stopMs);
      const wasReplaced = !isAlive(pid);
      if (!wasReplaced) process.kill(pid, 'SIGCONT');
      await rig.settle();
      const seen = await rig.seen();
      tell(`SIGSTOP of a worker for ${size.stopMs} ms`, seen, { wasReplaced });
      // The short stop is forgiven; after 10 seconds of silence a worker is taken for dead.
      expect(wasReplaced).toBe(isFull);
      expect(seen.lostFrom.filter((from) => from !== pid)).toEqual([]);
      if (!wasReplaced) expect(seen.lostFrom).toEqual([]);
    },
    timeoutMs,
  );

  it(
    'loses nobody when a worker spins for two seconds',
    async () => {
      await rig.reset();
      const { pid } = (await rig.status()).workers[0]!;
      await rig.spin(pid, 2_000);
      await pause(2_000);
      await rig.settle();
      const seen = await rig.seen();
      tell('a worker that spins for 2 s', seen);
      expect(seen.lostFrom).toEqual([]);
      expect(seen.received).toBeGreaterThan(0);
    },
    timeoutMs,
  );

  it(
    'refuses no connection during three reloads in a row',
    async () => {
      await rig.reset();
      const before = (await rig.status()).workers.map(({ pid }) => pid);
      for (let reload = 0; reload < 3; reload++) await rig.reload();
      await rig.settle();
      const seen = await rig.seen();
      tell('three reloads', seen);
      expect((await rig.status()).workers.filter(({ pid }) => before.includes(pid))).toEqual([]);
      expect(seen.asked).toBeGreaterThan(0);
      expect(seen.refusals).toEqual([]);
    },
    timeoutMs,
  );

  it(
    'has leaked nothing in the supervisor',
    async () => {
      // Connections of the moment come and go.
      await waitFor(() => openFiles(rig.cluster.pid) <= filesBefore + 2, {
        what: () => `${filesBefore} open files again, not ${openFiles(rig.cluster.pid)}`,
      });
      expect(processGroup(rig.cluster.pid)).toHaveLength(1 + 3 + 2 + 2);
    },
    timeoutMs,
  );

  it(
    'leaves no process when the supervisor is killed while a worker is in an endless loop',
    async () => {
      const { pid } = (await rig.status()).workers[0]!;
      await rig.spin(pid, 3_600_000);
      const killedAt = Date.now();
      rig.cluster.kill('SIGKILL');
      await rig.cluster.exited;
      await waitFor(() => processGroup(rig.cluster.pid).length === 0, { what: 'every orphan to end' });
      const goneMs = Date.now() - killedAt;
      if (isFull) process.stderr.write(`${JSON.stringify({ fault: 'kill -9 of the supervisor', goneMs })}\n`);
      if (isFull) expect(goneMs).toBeLessThan(5_000);
      const again = await startHurtCluster({ port: rig.port, workers: 1, stores: 1 });
      await again.stop();
      const directory = join(tmpdir(), `sc-${process.getuid?.() ?? 0}`);
      const left = [rig.cluster.pid, again.pid].map((supervisor) => `faults-${supervisor}-`);
      expect(readdirSync(directory).filter((name) => left.some((start) => name.startsWith(start)))).toEqual([]);
    },
    timeoutMs,
  );
});

describe('a cluster whose processes may open few files', () => {
  it.each([
    { way: 'handed over to workers', balancers: 0 },
    { way: 'relayed by balancers', balancers: 1 },
  ])(
    'survives more connections than that $way, and serves when they have gone',
    async ({ balancers }) => {
      const limits = { program: '/bin/sh', args: ['-c', `ulimit -n ${size.files}; exec "$0" "$@"`] };
      const cluster = await startHurtCluster({ workers: 2, stores: 1, balancers }, limits);
      const port = cluster.ready.port ?? 0;
      const connections: Socket[] = [];
      try {
        const before = pidsOf(cluster.ready);
        for (let count = 0; count < size.connects; count++) {
          const connection = connectTcp(port, '127.0.0.1');
          connection.on('error', () => undefined);
          connections.push(connection);
        }
        await waitFor(() => connections.every(({ connecting }) => !connecting), {
          what: 'the connections to be made',
        });
        // Some heartbeats long every process does its work with all files in use.
        await pause(size.fullMs);
        // A balancer keeps files to reach workers by.
        if (balancers > 0) expect(cluster.output()).toContain('maximum number of connections');
        for (const connection of connections) connection.destroy();
        await waitFor(
          async () => {
            const socket = await rawSocket(`ws://127.0.0.1:${port}/socketcluster/`);
            await socket.handshake();
            await socket.close();
            return true;
          },
          { deadlineMs: 30_000, what: 'the cluster to serve again' },
        );
        expect(before.filter((pid) => !isAlive(pid))).toEqual([]);
        expect(cluster.output()).not.toContain('ended by');
      } catch (error) {
        throw new Error(`The cluster wrote:\n${cluster.output()}`, { cause: error });
      } finally {
        for (const connection of connections) connection.destroy();
        await cluster.stop();
      }
    },
    timeoutMs,
  );
});

function pidsOf({
  workers,
  stores,
  balancers,
}: {
  workers: readonly { pid: number }[];
  stores: readonly { pid: number }[];
  balancers: readonly { pid: number }[];
}): number[] {
  return [...workers, ...stores, ...balancers].map(({ pid }) => pid);
}
