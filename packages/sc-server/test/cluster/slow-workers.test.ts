import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kill } from 'node:process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, tempDir, waitFor } from 'sc-testkit';
import type { SocketCluster, SocketClusterOptions } from '../../dist/index.js';
import { controller, startCluster } from './support.js';

/** The sizes of the acceptance run; smaller ones otherwise. */
const isFull = process.env['SC_FULL_LOAD'] !== undefined;
const pauseMs = isFull ? 5000 : 500;
const publications = isFull ? 600 : 150;
const bytes = isFull ? 100_000 : 20_000;
const subscriptions = isFull ? 200_000 : 5_000;
const waiting = isFull ? 100_000 : 3_000;

const cleanup = createCleanup();
afterEach(() => cleanup.run());

interface Counts {
  readonly received: number;
  readonly lost: number;
  readonly subscribed: number;
}

class Workers {
  readonly cluster: SocketCluster;
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  #number = 0;

  constructor(cluster: SocketCluster) {
    this.cluster = cluster;
    cluster.on('workerMessage', (_id: number, data: unknown) => {
      const { number, result, error } = data as { number: number; result?: unknown; error?: string };
      if (error === undefined) this.#waiting.get(number)?.resolve(result);
      else this.#waiting.get(number)?.reject(new Error(error));
      this.#waiting.delete(number);
    });
  }

  ask<Result>(id: number, name: string, given: object): Promise<Result> {
    const number = ++this.#number;
    this.cluster.sendToWorker(id, { number, name, ...given });
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve: resolve as (result: unknown) => void, reject });
    });
  }

  pid(id: number): number {
    return this.cluster.status().workers[id]!.pid;
  }
}

async function start(options: Partial<SocketClusterOptions> = {}): Promise<Workers> {
  const { cluster } = await startCluster({ workers: 3, workerController: controller('subscribes.cjs'), ...options });
  cleanup.add(cluster, () => cluster.close());
  return new Workers(cluster);
}

const channels = ['news', 'chat'];

describe.each<[string, Partial<SocketClusterOptions>]>([
  ['with room for everything', {}],
  ['with room for a tenth', { maxStorePendingBytes: (publications * bytes) / 10 }],
])('a worker that takes nothing while much is published, %s', (_name, options) => {
  it.each(['stopped', 'busy'])(
    'and is %s gets every publication, or the size of the gap, and holds up no other',
    async (way) => {
      const workers = await start(options);
      await Promise.all([0, 1].map((id) => workers.ask(id, 'subscribe', { channels })));
      const busy = way === 'busy' ? workers.ask(1, 'busy', { ms: pauseMs * 2 }) : undefined;
      if (way === 'stopped') kill(workers.pid(1), 'SIGSTOP');
      const begun = performance.now();
      const published = await workers.ask<number>(2, 'publish', { channels, count: publications, bytes });
      expect(published).toBe(publications);
      const counts = (id: number): Promise<Counts> => workers.ask(id, 'counts', { channels });
      const isServed = async (): Promise<boolean> => {
        const { received, lost } = await counts(0);
        return received + lost === publications;
      };
      await waitFor(isServed, { what: 'the other worker', deadlineMs: 60_000 });
      if (way === 'stopped') {
        await waitFor(() => performance.now() - begun > pauseMs, { what: 'the pause', deadlineMs: 60_000 });
        kill(workers.pid(1), 'SIGCONT');
      }
      await busy;
      let found: Counts = { received: 0, lost: 0, subscribed: 0 };
      await waitFor(
        async () => {
          found = await counts(1);
          return found.received + found.lost >= publications;
        },
        { what: 'every publication or the gap', deadlineMs: 60_000 },
      );
      expect(found.received + found.lost).toBe(publications);
      // With little room, a burst can be too much for a worker that reads all the time, too.
      if (options.maxStorePendingBytes === undefined) {
        expect(found.lost).toBe(0);
        expect(await counts(0)).toMatchObject({ received: publications, lost: 0 });
      }
      // Afterwards everything arrives again.
      await workers.ask(2, 'publish', { channels, count: 10, bytes: 10 });
      await waitFor(async () => (await counts(1)).received === found.received + 10, {
        what: 'what follows',
        deadlineMs: 60_000,
      });
      await waitFor(() => workers.cluster.status().workers[1]?.lostPublications === found.lost, {
        what: 'the status',
        deadlineMs: 60_000,
      });
      const { rssBytes = 0 } = workers.cluster.status().stores[0]!;
      expect(rssBytes).toBeLessThan(500 * 1024 * 1024);
      process.stdout.write(`${way}: ${JSON.stringify({ ...found, storeMb: Math.round(rssBytes / 1024 / 1024) })}\n`);
    },
    180_000,
  );
});

describe('a store that ends', () => {
  it(`has all of ${subscriptions} subscriptions back, while ${waiting} publications wait for it`, async () => {
    const folder = cleanup.add(tempDir(), (made) => made.remove()).path;
    const unless = join(folder, 'wait');
    const workers = await start({
      workers: 2,
      storeController: controller('waits.cjs'),
      storeOptions: { unless },
      // The next store waits until everything is published.
      readyTimeout: 120_000,
    });
    const names = Array.from({ length: subscriptions }, (_, i) => `channel ${i}`);
    await workers.ask(0, 'subscribe', { channels: names });
    writeFileSync(unless, '');
    kill(workers.cluster.status().stores[0]!.pid, 'SIGKILL');
    await waitFor(() => workers.cluster.status().workers.every(({ storesAway }) => storesAway === 1), {
      what: 'both workers to lose the store',
      deadlineMs: 60_000,
    });
    const isPublished = new Promise((resolve) => {
      workers.cluster.on('workerMessage', (_id: number, data: unknown) => {
        if ((data as { published?: number }).published === waiting) resolve(undefined);
      });
    });
    const accepted = workers.ask<number>(1, 'publish', { channels: names, count: waiting, bytes: 10 });
    await isPublished;
    rmSync(unless);
    await waitFor(() => workers.cluster.status().stores[0]?.restarts === 1, { what: 'the store', deadlineMs: 60_000 });
    // All of them waited, and none was refused.
    expect(await accepted).toBe(waiting);
    const counts = (): Promise<Counts> => workers.ask(0, 'counts', { channels: names });
    let found: Counts = { received: 0, lost: 0, subscribed: 0 };
    // A store counts as there when it has all subscriptions again.
    await waitFor(() => workers.cluster.status().workers.every(({ storesAway }) => storesAway === 0), {
      what: 'all subscriptions',
      deadlineMs: 120_000,
    });
    expect(await counts()).toMatchObject({ subscribed: subscriptions });
    // The store took those that waited when the subscriber was back, too. At full size the subscriptions may take longer than
    // the store waits; then the gap is told.
    await waitFor(
      async () => {
        found = await counts();
        return found.received === waiting || (isFull && found.lost !== 0);
      },
      { what: 'the publications that waited', deadlineMs: 60_000 },
    );
    // Every channel delivers again.
    const before = (await counts()).received;
    const all = await workers.ask<number>(1, 'publish', { channels: names.slice(-1000), count: 1000, bytes: 10 });
    expect(all).toBe(1000);
    await waitFor(async () => (await counts()).received >= before + 1000, {
      what: 'the publications',
      deadlineMs: 60_000,
    });
    await waitFor(() => (workers.cluster.status().workers[0]?.linksLost ?? 0) >= 1, {
      what: 'the status',
      deadlineMs: 60_000,
    });
    process.stdout.write(`store restart: ${JSON.stringify({ ...found, accepted: waiting })}\n`);
  }, 600_000);
});
