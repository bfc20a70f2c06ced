import { afterEach, describe, expect, it } from '@jest/globals';
import {
  CommandList,
  NdataClient,
  NdataClusterClient,
  NdataServer,
  NdataStore,
  createClient,
  createServer,
  shardOfName,
} from '../src/index.js';
import type { NdataServerOptions, StoreOptions } from '../src/index.js';
import { TempFolders } from './helpers/temp-folder.js';
import { PendingCalls } from '../src/client/link/pending-calls.js';
import * as read from '../src/commands/read.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  folders.remove();
});

function own<T extends { close(): Promise<void> }>(closable: T): T {
  open.push(closable);
  return closable;
}

describe('memory', () => {
  it('is counted: what is removed no longer counts', async () => {
    const store = own(new NdataStore({ channels: { news: { last: true } } }));
    const bytes = async (): Promise<number> => (await store.statistics())[0]!.memoryBytes;
    await store.set(['a', 'b'], { c: [1, 2, { d: 'x'.repeat(1000) }] });
    await store.get(['a', 'b', 'c', 2, 'd']);
    await store.splice(['a', 'b', 'c'], { index: 1, items: ['y', { z: 1 }] });
    await store.add(['a', 'b', 'c'], 'more');
    await store.remove(['a', 'b', 'c', 0]);
    await store.pop(['a', 'b', 'c']);
    await store.concat('a', { e: 1 });
    await store.publish('news', 'x'.repeat(100));
    await store.publish('news', 'y');
    await store.set('ttl', 1, { ttlMs: 60_000 });
    expect(await bytes()).toBeGreaterThan(200);
    await store.remove('a');
    await store.remove('ttl');
    await store.removeStream('news');
    expect(await bytes()).toBe(0);
  });

  it('at its limit refuses writes that carry a value, and takes removals', async () => {
    const store = own(new NdataStore({ maxMemoryBytes: 10_000, channels: { news: { last: true } } }));
    await store.set('a', 'x'.repeat(5000));
    await expect(store.set('b', 'x'.repeat(6000))).rejects.toMatchObject({ limit: 'maxMemoryBytes' });
    // A publication is delivered all the same; what has no room is not kept.
    const { epoch } = await store.readStream('news');
    expect(await store.publish('news', 'x'.repeat(6000))).toEqual({ epoch, offset: 1 });
    expect(await store.readStream('news', { since: { epoch, offset: 0 } })).toMatchObject({
      recovered: false,
      reason: 'trimmed',
      publications: [],
    });
    await store.remove('a');
    await store.set('b', 'x'.repeat(6000));
    expect(Object.keys((await store.getAll()) as object)).toEqual(['b']);
  });

  it('for history is never a reason to refuse a publication: the least recently used streams lose theirs', async () => {
    let now = 1_700_000_000_000;
    const rule = { history: { size: 100, ageMs: 60_000 } };
    const store = own(new NdataStore({ channels: { '*': rule }, maxHistoryBytes: 5000, now: () => now }));
    const kept = async (channel: string): Promise<number[]> =>
      (await store.readStream(channel)).publications.map(({ offset }) => offset);
    for (const channel of ['a', 'b', 'c', 'd']) {
      now += 2000;
      await store.publish(channel, 'x'.repeat(1100));
    }
    expect(await kept('a')).toEqual([1]);
    now += 2000;
    // The oldest is `b` now, since `a` was read.
    const position = await store.publish('a', 'x'.repeat(1100));
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(kept))).toEqual([[1, 2], [], [1], [1]]);
    expect(await store.readStream('b', { since: (await store.publish('b', 1))! })).toMatchObject({
      recovered: true,
      top: 2,
    });
    // A publication larger than everything is delivered, numbered, and not kept.
    expect(await store.publish('a', 'x'.repeat(6000))).toEqual({ ...position, offset: 3 });
    expect(await kept('a')).toEqual([]);
    expect(await store.readStream('a', { since: position! })).toMatchObject({ recovered: false, reason: 'trimmed' });
  });

  it('of streams lets the least recently used begin again, and their readers know', async () => {
    let now = 1_700_000_000_000;
    const store = own(new NdataStore({ channels: { '*': { last: true } }, maxStreams: 2, now: () => now }));
    const first = await store.publish('a', 1);
    for (const channel of ['b', 'c']) {
      now += 2000;
      await store.publish(channel, 1);
    }
    expect(await store.readStream('a', { since: first! })).toMatchObject({ recovered: false, reason: 'epoch', top: 0 });
    expect(await store.statistics()).toMatchObject([{ streams: 2 }]);
  });

  it('at its limit evicts volatile keys, the soonest first, if it may', async () => {
    const store = own(new NdataStore({ maxMemoryBytes: 10_000, memoryPolicy: 'evict-volatile' }));
    await store.set('kept', 'x'.repeat(1000));
    await store.set('late', 'x'.repeat(3000), { ttlMs: 90_000 });
    await store.set('soon', 'x'.repeat(3000), { ttlMs: 60_000 });
    await store.set('new', 'x'.repeat(4000));
    expect((await store.keys()).keys).toEqual(['kept', 'late', 'new']);
    await expect(store.set('too much', 'x'.repeat(9000))).rejects.toMatchObject({ code: 'SC_RESOURCE_LIMIT' });
    expect((await store.keys()).keys).toEqual(['kept', 'new']);
  });
});

describe('a store server', () => {
  it('turns clients away beyond its limit, and takes one when there is room', async () => {
    const socketPath = folders.socketPath();
    const server = own(new NdataServer({ socketPath, maxClients: 1 }));
    await server.listen();
    const first = own(new NdataClient({ socketPath }));
    await first.set('k', 1);
    const second = own(new NdataClient({ socketPath, reconnectDelayMaxMs: 30 }));
    await waitFor('the refusal', () => second.status()[0]!.lastError !== undefined);
    expect(second.status()[0]!.lastError?.message).toContain('The store is full');
    const answer = second.get('k');
    await first.close();
    expect(await answer).toBe(1);
  });

  it('answers a client that does not read only as far as it reads', async () => {
    const socketPath = folders.socketPath();
    const server = own(new NdataServer({ socketPath }));
    await server.listen();
    const client = own(new NdataClient({ socketPath }));
    await client.set('big', 'x'.repeat(1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => client.get('big').then((value) => String(value).length)),
    );
    expect(new Set(answers)).toEqual(new Set([1024 * 1024]));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('made by createServer tells when it is ready, and when it cannot be', async () => {
    const socketPath = folders.socketPath();
    const server = own(createServer({ socketPath }));
    await new Promise<void>((resolve) => server.once('ready', resolve));
    expect(await own(createClient({ socketPath })).hasKey('k')).toBe(false);
    const error = await new Promise((resolve) => own(createServer({ socketPath })).once('error', resolve));
    expect(error).toMatchObject({ code: 'SC_START' });
  });

  it('tells its listeners in the order of life', async () => {
    const socketPath = folders.socketPath();
    const server = new NdataServer({ socketPath });
    await server.listen();
    const events: string[] = [];
    const client = own(new NdataClient({ socketPath, callTimeoutMs: 50 }));
    for (const event of ['ready', 'close', 'shardReady', 'shardLost'] as const)
      client.on(event, () => events.push(event));
    await client.get('k');
    await server.close();
    await server.close();
    await waitFor('the loss', () => events.includes('shardLost'));
    await client.drain();
    await client.close();
    await expect(client.get('k')).rejects.toMatchObject({ code: 'SC_INVALID_ACTION' });
    expect(events).toEqual(['shardReady', 'ready', 'shardLost', 'close']);
  });

  it('lets a client drain: calls in flight are answered, no more are taken', async () => {
    const socketPath = folders.socketPath();
    const server = own(new NdataServer({ socketPath }));
    await server.listen();
    const client = own(new NdataClient({ socketPath }));
    const answer = client.set('k', 1, true);
    const drained = client.drain();
    await expect(client.get('k')).rejects.toMatchObject({ code: 'SC_INVALID_ACTION' });
    expect(await answer).toBe(1);
    await drained;
    expect(client.status()[0]!.state).toBe('closed');
  });

  it('is a client refused calls beyond its own limits', async () => {
    const client = own(
      new NdataClient({ socketPath: folders.socketPath(), maxPendingCalls: 2, maxPendingBytes: 1000 }),
    );
    client.set('a', 'x'.repeat(2000)).catch(() => undefined);
    await expect(client.set('b', 'x')).rejects.toMatchObject({ limit: 'maxPendingBytes' });
    const other = own(new NdataClient({ socketPath: folders.socketPath(), maxPendingCalls: 1 }));
    other.get('a').catch(() => undefined);
    await expect(other.get('a')).rejects.toMatchObject({ limit: 'maxPendingCalls' });
  });

  it('counts the bytes of calls that wait to be sent again after a link loss', () => {
    const calls = new PendingCalls({ timeoutMs: 1000, reason: () => undefined });
    const [resolve, reject] = [() => undefined, () => undefined];
    const call = read.get.call(['x'.repeat(1000), 'y'.repeat(1000)]);
    const { name, decode } = call;
    const pending = {
      id: calls.takeId(),
      name,
      decode,
      call,
      again: undefined,
      bytes: 0,
      deadlineAt: calls.deadline(),
    };
    calls.add({ ...pending, resolve, reject });
    calls.sent(calls.unsent()[0]!);
    expect(calls.unsentBytes).toBe(0);
    calls.linkLost(new Error('The link was lost'));
    expect(calls.unsentBytes).toBeGreaterThan(2000);
    calls.sent(calls.unsent()[0]!);
    expect(calls.unsentBytes).toBe(0);
    calls.failAll(new Error('The client was closed'));
  });
});

describe('options', () => {
  it.each<[object, string]>([
    [{ por: 1 }, 'did you mean `port`?'],
    [{ port: -1 }, '`port` must be a whole number from 0 to 65535, got -1'],
    [{ socketPath: '/a', port: 1 }, '`socketPath` stands alone'],
    [{ socketPath: '' }, '`socketPath` must be a path'],
    [{ secret: 'short' }, '`secret` must be a text of at least 32 bytes, got 5 bytes'],
    [{ maxClients: 0 }, '`maxClients` must be a whole number from 1 to 9007199254740991, got 0'],
    [{ memoryPolicy: 'x' }, "`memoryPolicy` must be 'refuse' or 'evict-volatile', got 'x'"],
    [{ persist: { foldr: '/x' } }, 'did you mean `persist.folder`'],
  ])('%j of a server are refused', (options, message) => {
    expect(() => new NdataServer(options as NdataServerOptions)).toThrow(message);
  });

  it.each<[object, string]>([
    [{ socktPath: '/a' }, 'did you mean `socketPath`?'],
    [{ port: 0 }, '`port` must be'],
    [{ secret: 'short' }, '`secret`'],
    [{ callTimeoutMs: 0 }, '`callTimeoutMs`'],
    [{ reconnectDelayMs: 100, reconnectDelayMaxMs: 50 }, '`reconnectDelayMaxMs`'],
  ])('%j of a client are refused', (options, message) => {
    expect(() => new NdataClient(options)).toThrow(message);
  });

  it('of a store in this process are checked too', () => {
    expect(() => new NdataStore({ maxMemoryByte: 1 } as StoreOptions)).toThrow('did you mean `maxMemoryBytes`?');
  });
});

describe('the shard of a name', () => {
  // Written down once: where keys and channels live must never change.
  it.each<[string, number, number, number]>([
    ['', 0, 0, 3],
    ['a', 0, 0, 0],
    ['news', 0, 0, 0],
    ['user:1', 1, 1, 4],
    ['user:2', 1, 1, 4],
    ['ключ €😀', 0, 0, 4],
    ['__proto__', 1, 1, 10],
  ])('%j is %i of 2, %i of 3, %i of 16', (name, of2, of3, of16) => {
    expect([2, 3, 16].map((shards) => shardOfName(name, shards))).toEqual([of2, of3, of16]);
  });

  it('is spread evenly, and stays when a shard is added, but for its share', () => {
    const counts = new Array<number>(5).fill(0);
    let moved = 0;
    for (let i = 0; i < 10_000; i++) {
      const shard = shardOfName(`key ${i}`, 5);
      counts[shard]!++;
      const later = shardOfName(`key ${i}`, 6);
      if (later === shard) continue;
      expect(later).toBe(5);
      moved++;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    expect(Math.abs(moved - 1667)).toBeLessThan(200);
  });

  it('holds a transaction together: one that would need two shards is refused, and writes nothing', async () => {
    const shards = ['a.sock', 'b.sock'].map((name) => ({ socketPath: folders.socketPath(name) }));
    for (const shard of shards) await own(new NdataServer(shard)).listen();
    const cluster = own(new NdataClusterClient({ shards }));
    const split = new CommandList().set('a', 1).set('user:1', 1);
    await expect(cluster.transaction(split)).rejects.toMatchObject({ code: 'SC_INVALID_ARGUMENTS' });
    expect(await cluster.getAll()).toEqual({});
    await cluster.transaction(new CommandList().set('a', 1).set('news', 1));
    expect(await cluster.getAll()).toEqual({ a: 1, news: 1 });
  });
});
