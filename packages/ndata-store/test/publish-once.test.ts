import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NdataClient, NdataServer, NdataStore } from '../src/index.js';
import { DedupeWindow, windowSize } from '../src/data/dedupe-window.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
const open: { close(): unknown }[] = [];
const channels = { 'kept/*': { history: { size: 100_000, ageMs: 3_600_000 } } };

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  folders.remove();
});

function storeIn(folder?: string): NdataStore {
  const store = new NdataStore({ channels, ...(folder !== undefined && { persist: { folder, fsync: 'written' } }) });
  open.push(store);
  return store;
}

describe('the window of a publisher', () => {
  it('knows the same numbers as a plain map, in whatever order they come', () => {
    const seq = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(fc.array(seq, { maxLength: 400 }), (sequence) => {
        const window = new DedupeWindow();
        const plain = new Map<number, number>();
        let newest = 0;
        let offset = 0;
        for (const next of sequence) {
          const known = plain.get(next);
          const isLate = next <= newest - windowSize;
          const expected = isLate ? 'late' : known === undefined ? 'new' : { offset: known };
          expect(window.judge(next)).toEqual(expected);
          if (expected !== 'new') continue;
          window.add(next, ++offset);
          plain.set(next, offset);
          newest = Math.max(newest, next);
        }
        const left = [...plain].filter(([each]) => each > newest - windowSize).sort(([a], [b]) => a - b);
        expect(window.entries()).toEqual(left);
      }),
    );
  });
});

describe('a publication that is sent again', () => {
  it.each(['kept/1', 'free'])('is published once in "%s", and answered alike', async (channel) => {
    const store = storeIn();
    const got: unknown[] = [];
    store.on('message', (_channel, data) => void got.push(data));
    await store.subscribe(channel);
    const once = { publisher: 'p', seq: 1 };
    const first = await store.publish(channel, 'a', once);
    expect(await store.publish(channel, 'a', once)).toEqual({ epoch: '', offset: 0, ...first, duplicate: true });
    await store.publish(channel, 'b', { publisher: 'other', seq: 1 });
    await store.publish(channel, 'c', { id: 'job' });
    expect(await store.publish(channel, 'c', { id: 'job' })).toMatchObject({ duplicate: true });
    await waitFor('all of them', () => got.length === 3);
    expect(got).toEqual(['a', 'b', 'c']);
  });

  it('is refused when the store no longer knows whether it has it', async () => {
    const store = storeIn();
    await store.publish('kept/1', 'late', { publisher: 'p', seq: 1 });
    await store.publish('kept/1', 'new', { publisher: 'p', seq: 1 + windowSize });
    await expect(store.publish('kept/1', 'late', { publisher: 'p', seq: 1 })).rejects.toMatchObject({
      code: 'SC_TOO_LATE',
      isUnknown: true,
    });
  });

  it('is known although the wall clock was set, before and after a restart', async () => {
    let now = Date.now();
    const folder = folders.make();
    const start = (): NdataStore => {
      const store = new NdataStore({ channels, persist: { folder, fsync: 'written' }, now: () => now });
      open.push(store);
      return store;
    };
    const store = start();
    const once = { publisher: 'p', seq: 1 };
    await store.publish('kept/1', 'a', once);
    await store.publish('kept/1', 'b', { id: 'job' });
    now += 86_400_000;
    expect(await store.publish('kept/1', 'a', once)).toMatchObject({ offset: 1, duplicate: true });
    expect(await store.publish('kept/1', 'b', { id: 'job' })).toMatchObject({ offset: 2, duplicate: true });
    await store.close();
    now += 1_000_000;
    expect(await start().publish('kept/1', 'a', once)).toMatchObject({ offset: 1, duplicate: true });
  });

  it('is known after a crash, and after a snapshot', async () => {
    const folder = folders.make();
    const store = storeIn(folder);
    const first = await store.publish('kept/1', 'a', { publisher: 'p', seq: 7 });
    await store.publish('kept/1', 'b', { id: 'job' });
    const copy = folders.make();
    cpSync(folder, copy, { recursive: true });
    rmSync(join(copy, 'lock'));
    const again = storeIn(copy);
    expect(await again.publish('kept/1', 'a', { publisher: 'p', seq: 7 })).toMatchObject({
      offset: first?.offset,
      duplicate: true,
    });
    expect(await again.publish('kept/1', 'b', { id: 'job' })).toMatchObject({ offset: 2, duplicate: true });
    await again.compact();
    await again.close();
    const third = storeIn(copy);
    expect(await third.publish('kept/1', 'a', { publisher: 'p', seq: 7 })).toMatchObject({
      offset: 1,
      duplicate: true,
    });
    expect(await third.publish('kept/1', 'c', { publisher: 'p', seq: 8 })).toMatchObject({ offset: 3 });
  });

  it.each([
    ['is sent again by the client itself when its link is lost, and is in the stream once', true],
    ['is numbered by a client with links when nobody else has numbered it', false],
  ])('%s', async (_name, isNumbered) => {
    const server = new NdataServer({ port: 0, channels });
    await server.listen();
    open.push(server);
    const { port } = server.address as { port: number };
    const proxy = await startProxy(port);
    const client = new NdataClient({ port: proxy.port });
    open.push(client);
    const total = 3000;
    let cuts = 0;
    const published: Promise<unknown>[] = [];
    for (let seq = 1; seq <= total; seq++) {
      const options = isNumbered ? { publisher: 'p', seq } : undefined;
      published.push(client.publishPayload('kept/1', JSON.stringify(seq), options));
      if (seq % 100 !== 0) continue;
      await published[seq - 50];
      if (seq % 500 === 0 && ++cuts) proxy.cut();
      await Promise.all(published);
    }
    const direct = new NdataClient({ port });
    open.push(direct);
    const page = await direct.readStream('kept/1', { limit: 10_000 });
    expect(cuts).toBe(6);
    expect(page.top).toBe(total);
    const got = page.publications.map(({ payload }) => Number(Buffer.from(payload).toString()));
    expect(got).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  });
});

/** Relays to a port until it is cut. */
async function startProxy(port: number): Promise<{ port: number; cut(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  open.push({
    close: () => {
      cut();
      server.close();
    },
  });
  return { port: (server.address() as { port: number }).port, cut };
}
