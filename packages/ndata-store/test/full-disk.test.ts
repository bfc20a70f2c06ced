import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataClient } from '../src/index.js';
import { canMakeDisks, makeSmallDisk } from './helpers/small-disk.js';
import type { SmallDisk } from './helpers/small-disk.js';
import { runStore } from './helpers/store-process.js';
import type { StoreProcess } from './helpers/store-process.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
const closers: (() => unknown)[] = [];
const text = 'x'.repeat(1000);

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  folders.remove();
});

interface Scene {
  readonly disk: SmallDisk;
  readonly client: NdataClient;
  readonly start: () => Promise<StoreProcess>;
}

/** A store on a disk of 64 KiB, of which something else takes 20. */
async function scene(args: readonly string[]): Promise<Scene> {
  const folder = folders.make();
  const data = join(folder, 'data');
  const disk = await makeSmallDisk(data, 64);
  closers.push(() => disk.remove());
  writeFileSync(disk.path('ballast'), Buffer.alloc(20 * 1024));
  const socketPath = join(folder, 'private', 's.sock');
  const rules = join(folder, 'rules.json');
  writeFileSync(
    rules,
    JSON.stringify({
      news: { history: { size: 100, ageMs: 60_000 } },
      orders: { history: { size: 100, ageMs: 60_000 }, whenLogFails: 'refuse' },
    }),
  );
  const start = async (): Promise<StoreProcess> => {
    const own = ['--socket', socketPath, '--persist', data, '--channels', rules];
    const running = await runStore([...own, ...args], { enter: disk.enter });
    closers.push(async () => {
      running.child.kill('SIGKILL');
      await running.exited;
    });
    return running;
  };
  const client = new NdataClient({ socketPath, reconnectDelayMs: 5 });
  closers.push(() => client.close());
  return { disk, client, start };
}

/** Sets keys until the store refuses one. Returns how many it took, and why it refused. */
async function fillUp(client: NdataClient, prefix: string): Promise<{ taken: number; error: Error }> {
  for (let taken = 0; taken < 1000; taken++) {
    try {
      await client.set([prefix, taken], text);
    } catch (error) {
      return { taken, error: error as Error };
    }
  }
  throw new Error('The disk never filled up');
}

async function expectAll(client: NdataClient, prefix: string, taken: number): Promise<void> {
  const kept = (await client.get(prefix)) as Record<string, string>;
  for (let i = 0; i < taken; i++) expect(kept[i]).toBe(text);
}

(canMakeDisks() ? describe : describe.skip)('a store whose disk is full', () => {
  it.each(['always', 'everySecond'])('reads on, refuses writes, and goes on when there is room (%s)', async (fsync) => {
    const { disk, client, start } = await scene(['--fsync', fsync]);
    const running = await start();
    const { taken, error } = await fillUp(client, 'first');
    expect(taken).toBeGreaterThan(20);
    expect(error).toMatchObject({
      code: 'SC_STORE',
      message: 'The store is read-only: its log cannot be written (ENOSPC)',
      remedy: 'Make room on the disk; the store then goes on.',
    });
    expect(await client.statistics()).toMatchObject([{ isReadOnly: true }]);
    await expectAll(client, 'first', taken);
    await expect(client.remove('first')).rejects.toMatchObject({ code: 'SC_STORE' });
    await expect(client.trimStream('news', { maxSize: 1 })).rejects.toMatchObject({ code: 'SC_STORE' });
    const position = (await client.publish('news', 'history goes on in memory'))!;
    await client.publish('free', 'publications need no disk');
    await expect(client.publish('orders', 'needs the disk')).rejects.toMatchObject({ code: 'SC_STORE' });
    expect(running.stderr().match(/read-only/g)).toHaveLength(1);

    rmSync(disk.path('ballast'));
    await waitFor('the log', () => running.stderr().includes('the log can be written again'));
    expect(await client.statistics()).toMatchObject([{ isReadOnly: false }]);
    await client.set('second', 1);
    expect(await client.publish('orders', 'first')).toMatchObject({ offset: 1 });
    await client.publish('news', 'and on the disk again');
    running.child.kill('SIGTERM');
    expect(await running.exited).toBe(0);
    const back = await start();
    expect(back.stderr()).not.toContain('dropped');
    await expectAll(client, 'first', taken);
    expect(await client.get('second')).toBe(1);
    expect(await client.readStream('news', { since: position })).toMatchObject({
      recovered: true,
      top: position.offset + 1,
    });
  });

  it('has everything it acknowledged when it is killed then (fsync: always)', async () => {
    const { disk, client, start } = await scene(['--fsync', 'always']);
    const first = await start();
    const { taken } = await fillUp(client, 'first');
    first.child.kill('SIGKILL');
    await first.exited;

    // A start needs a file, and a full disk has no room for that either.
    const second = await start();
    await expectAll(client, 'first', taken);
    await waitFor('the refusal', () => second.stderr().includes('read-only'));
    second.child.kill('SIGTERM');
    expect(await second.exited).toBe(1);
    expect(second.stderr()).toContain('cannot be written (ENOSPC)');

    rmSync(disk.path('ballast'));
    await start();
    await expectAll(client, 'first', taken);
    await client.set('second', 1);
  });

  it('keeps its log when there is no room for a snapshot', async () => {
    const { client, start } = await scene(['--fsync', 'always', '--compact-bytes', '24000']);
    const running = await start();
    const { taken } = await fillUp(client, 'first');
    await waitFor('the failure', () => running.stderr().includes('The snapshot could not be written'));
    running.child.kill('SIGKILL');
    await running.exited;
    await start();
    await expectAll(client, 'first', taken);
  });
});
