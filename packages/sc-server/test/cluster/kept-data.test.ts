import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { InvalidOptionsError } from 'sc-protocol';
import { createCleanup, tempDir, waitFor, type RawSocket } from 'sc-testkit';
import type { SocketCluster, SocketClusterOptions } from '../../dist/index.js';
import { controller, startCluster } from './support.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const keeping = (storeFolder: string): Partial<SocketClusterOptions> => ({
  workerController: controller('keeps.cjs'),
  workers: 1,
  stores: 2,
  storeFolder,
  storeFsync: 'written',
  channels: { 'news/{topic}': { history: { size: 3, ageMs: 600_000 } } },
});

/** Calls a method of the exchange in the worker. */
async function ask(socket: RawSocket, method: string, ...values: unknown[]): Promise<unknown> {
  return ((await socket.call(method, values)) as { data?: unknown }).data;
}

/** Kills the only store, and waits for the next one. */
async function killStore(cluster: SocketCluster): Promise<void> {
  const { pid } = cluster.status().stores[0]!;
  process.kill(pid, 'SIGKILL');
  await waitFor(() => cluster.status().stores.every((store) => store.state === 'ready' && store.pid !== pid), {
    what: 'a new store',
    deadlineMs: 60_000,
  });
}

/** The result of an action that fails while the worker finds out that its link is lost. */
async function retried(action: () => Promise<unknown>): Promise<unknown> {
  let result: unknown;
  await waitFor(async () => (result = await action()) !== undefined, { what: 'an answer', deadlineMs: 60_000 });
  return result;
}

describe('the stores of a cluster', () => {
  it('keep keys and history in a folder, through a kill of the store and a new start of the cluster', async () => {
    const folder = cleanup.add(tempDir(), (made) => made.remove()).path;
    const first = cleanup.add(await startCluster(keeping(folder)), ({ cluster }) => cluster.close());
    const socket = await first.connect();
    await ask(socket, 'set', 'answer', 42);
    for (const data of [1, 2, 3, 4]) await ask(socket, 'publish', 'news/a', data);
    const position = await ask(socket, 'position', 'news/a');
    const pids = first.cluster.status().stores.map(({ pid }) => pid);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await waitFor(
      () => first.cluster.status().stores.every(({ pid, state }) => state === 'ready' && !pids.includes(pid)),
      {
        what: 'new stores',
        deadlineMs: 30_000,
      },
    );
    expect(await ask(socket, 'get', 'answer')).toBe(42);
    expect(await ask(socket, 'history', 'news/a')).toMatchObject({
      top: 4,
      publications: [2, 3, 4].map((data) => ({ data, offset: data })),
    });
    await socket.close();
    await first.cluster.close();

    const second = cleanup.add(await startCluster(keeping(folder)), ({ cluster }) => cluster.close());
    const again = await second.connect();
    expect(await ask(again, 'get', 'answer')).toBe(42);
    await ask(again, 'publish', 'news/a', 5);
    expect(await ask(again, 'history', 'news/a', { since: position })).toMatchObject({
      recovered: true,
      publications: [{ data: 5, offset: 5 }],
    });
    await again.close();
  });

  it('keep history through a kill in the runtime directory without a folder, and remove it in the end', async () => {
    const { path: runtimeDirectory } = cleanup.add(tempDir(), (made) => made.remove());
    const { channels = {} } = keeping('');
    const { cluster, connect, log } = cleanup.add(
      await startCluster({
        workerController: controller('keeps.cjs'),
        channels,
        workers: 1,
        stores: 1,
        runtimeDirectory,
      }),
      (made) => made.cluster.close(),
    );
    const folderOf = (): string[] =>
      readdirSync(runtimeDirectory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('store-0'));
    const socket = await connect();
    await ask(socket, 'set', 'answer', 42);
    await ask(socket, 'publish', 'news/a', 1);
    const position = await ask(socket, 'position', 'news/a');
    await ask(socket, 'publish', 'news/a', 2);
    await killStore(cluster);
    expect(await retried(() => ask(socket, 'history', 'news/a', { since: position }))).toMatchObject({
      recovered: true,
      publications: [{ data: 2, offset: 2 }],
    });
    expect(await ask(socket, 'get', 'answer')).toBeUndefined();
    expect(folderOf()).toHaveLength(1);

    // A cleaner of temporary files has removed the log: the store starts all the same, and readers are told.
    const [folder = ''] = folderOf();
    for (const name of readdirSync(join(runtimeDirectory, folder))) {
      if (name.includes('log')) rmSync(join(runtimeDirectory, folder, name));
    }
    await killStore(cluster);
    expect(await retried(() => ask(socket, 'history', 'news/a', { since: position }))).toMatchObject({
      recovered: false,
    });
    expect(log.map(({ message }) => message)).toContain(
      'The history in the runtime directory cannot be recovered; channels begin anew',
    );
    await socket.close();
    await cluster.close();
    expect(readdirSync(runtimeDirectory)).toEqual([]);
  });

  it('keep nothing of channels without a rule', async () => {
    const folder = cleanup.add(tempDir(), (made) => made.remove()).path;
    const { connect } = cleanup.add(await startCluster(keeping(folder)), ({ cluster }) => cluster.close());
    const socket = await connect();
    await ask(socket, 'publish', 'chat', 1);
    expect(await ask(socket, 'history', 'chat')).toMatchObject({ top: 0, publications: [] });
    await socket.close();
  });

  it.each<[object, string]>([
    [{ channels: { a: { history: { size: 0, ageMs: 1 } } } }, 'channels["a"].history.size'],
    [{ channels: { a: { hisory: {} } } }, 'hisory'],
    [{ storeFsync: 'synced' }, '`storeFsync` needs storeFolder'],
    [{ storeFsync: 'off', storeFolder: 'data' }, "`storeFsync` must not be 'off' with a storeFolder"],
    [{ maxStorePendingBytes: 1 }, '`maxStorePendingBytes` must be'],
  ])('refuse %j before anything starts', async (options, text) => {
    const refused = startCluster({ workers: 1, ...options });
    await expect(refused).rejects.toBeInstanceOf(Error);
    await expect(refused).rejects.toMatchObject({ name: new InvalidOptionsError('').name });
    await expect(refused).rejects.toThrow(text);
  });
});
