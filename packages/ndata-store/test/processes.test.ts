import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataClient, NdataClusterClient, NdataServer } from '../src/index.js';
import { runStore } from './helpers/store-process.js';
import type { StoreProcess } from './helpers/store-process.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  folders.remove();
});

async function store(args: readonly string[]): Promise<StoreProcess> {
  const running = await runStore(args);
  closers.push(async () => {
    running.child.kill('SIGKILL');
    await running.exited;
  });
  return running;
}

function own<T extends NdataClient | NdataClusterClient>(client: T): T {
  client.on('error', () => undefined);
  closers.push(() => client.close());
  return client;
}

describe('a store that is killed', () => {
  it('has its subscribers back without a command of theirs, and never delays other shards', async () => {
    const folder = folders.make();
    const shards = ['a', 'b', 'c'].map((name) => ({ socketPath: join(folder, name, 'store.sock') }));
    const processes = await Promise.all(shards.map(({ socketPath }) => store(['--socket', socketPath])));
    const options = { shards, callTimeoutMs: 3000, reconnectDelayMs: 5, reconnectDelayMaxMs: 50 };
    const subscriber = own(new NdataClusterClient(options));
    const publisher = own(new NdataClusterClient(options));
    const channels = Array.from({ length: 9 }, (_, i) => `channel ${i}`);
    await Promise.all(channels.map((channel) => subscriber.subscribe(channel)));
    const [lost] = processes;
    lost!.child.kill('SIGSTOP');
    const answers = channels.map((channel) => publisher.publish(channel, 1).then(() => channel));
    const outcomes = await Promise.allSettled(answers);
    const reached = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(reached.length).toBeGreaterThan(0);
    expect(reached.length).toBeLessThan(channels.length);
    lost!.child.kill('SIGKILL');
    await lost!.exited;
    await waitFor('the loss', () => subscriber.status()[0]!.state !== 'ready');
    await store(['--socket', shards[0]!.socketPath]);
    await waitFor('all subscriptions', () => channels.every((channel) => subscriber.isSubscribed(channel)));
    const received = new Set<string>();
    subscriber.onPayload = (channel) => received.add(channel);
    await Promise.all(channels.map((channel) => publisher.publish(channel, 2)));
    await waitFor('all publications', () => received.size === channels.length);
    expect([...received].sort()).toEqual(channels);
  });
});

it('a client closes although its store has stopped', async () => {
  const socketPath = join(folders.make(), 'private', 'store.sock');
  const running = await store(['--socket', socketPath]);
  const client = new NdataClient({ socketPath });
  await client.set('k', 1);
  running.child.kill('SIGSTOP');
  const calls = Array.from({ length: 20 }, () => client.set('k', 'x'.repeat(1024 * 1024)));
  const outcomes = Promise.allSettled(calls);
  await new Promise((resolve) => setImmediate(resolve));
  await client.close();
  expect(new Set((await outcomes).map(({ status }) => status))).toEqual(new Set(['rejected']));
});

it('reads that a store did not answer before its end are answered by the next one', async () => {
  const folder = folders.make();
  const socketPath = join(folder, 'private', 'store.sock');
  const start = (): ReturnType<typeof store> => store(['--socket', socketPath, '--persist', join(folder, 'data')]);
  const first = await start();
  const client = own(new NdataClient({ socketPath, callTimeoutMs: 60_000 }));
  await client.set('k', 1);
  const position = await client.append('news', 'x');
  first.child.kill('SIGSTOP');
  const reads = Promise.all([client.get('k'), client.hasKey('k'), client.count('k'), client.readStream('news')]);
  const write = client.increment('k').catch((error: unknown) => error);
  // Long enough for the calls to leave: they are not held for the next store.
  await waitFor('the calls to leave', () => client.status()[0]!.pendingCalls === 5);
  await new Promise((resolve) => setImmediate(resolve));
  first.child.kill('SIGKILL');
  await start();
  expect(await reads).toMatchObject([1, true, 1, { top: position.offset }]);
  // The outcome of a write is unknown, so it fails.
  expect(await write).toMatchObject({ code: 'SC_BAD_CONNECTION' });
});

describe('a subscriber that has stopped', () => {
  it('misses what is beyond the cap, delays nobody, keeps its link, and learns how many it has missed', async () => {
    const socketPath = folders.socketPath();
    const server = new NdataServer({ socketPath, maxPendingBytes: 256 * 1024 });
    await server.listen();
    closers.push(() => server.close());
    const dist = new URL('../dist/index.js', import.meta.url).href;
    const code = `
      const { NdataClient } = await import(${JSON.stringify(dist)});
      const client = new NdataClient({ socketPath: ${JSON.stringify(socketPath)} });
      let got = 0;
      let lost = 0;
      let live = 0;
      client.on('shardLost', () => console.log('link lost'));
      client.open('news', {
        subscribed: () => console.log('subscribed'),
        publication: (publication) => {
          got++;
          if (publication.live !== live + 1 + lost) console.log('gap of', publication.live - live - 1, 'after', lost);
          live = publication.live - lost;
          if (publication.payload.length === 1) console.log('got', got, 'lost', lost);
        },
        lost: (count) => (lost += count),
        interrupted: () => undefined,
        refused: () => undefined,
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    closers.push(() => void child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await waitFor('the subscription', () => output !== '');
    child.kill('SIGSTOP');
    const publisher = own(new NdataClient({ socketPath }));
    const payload = Buffer.alloc(10_000);
    const received: string[] = [];
    publisher.onPayload = (channel) => received.push(channel);
    await publisher.subscribe('news');
    for (let i = 0; i < 300; i++) await publisher.publishPayload('news', payload);
    expect(received).toHaveLength(300);
    expect(server.clients).toBe(2);
    child.kill('SIGCONT');
    const publishLast = setInterval(() => publisher.publishWithoutAck('news', '!'), 20);
    closers.push(() => clearInterval(publishLast));
    await waitFor('the last', () => output.includes('got'));
    clearInterval(publishLast);
    const [, got, lost] = /got (\d+) lost (\d+)/.exec(output)!;
    expect(Number(lost)).toBeGreaterThan(200);
    // The last one came once, and others of its kind may have been left out before.
    expect(Number(got) + Number(lost)).toBeGreaterThanOrEqual(301);
    expect(output).not.toContain('link lost');
    expect(output).not.toContain('gap');
    expect(server.store.statistics().limitHits.pendingBytes).toBe(1);
  });
});

it('a process that ends leaves its last will and, after their grace, its members', async () => {
  const socketPath = folders.socketPath();
  const server = new NdataServer({ socketPath });
  await server.listen();
  closers.push(() => server.close());
  const watcher = own(new NdataClient({ socketPath }));
  const left: string[] = [];
  let joined = 0;
  watcher.on('memberJoin', () => joined++);
  watcher.on('memberLeave', (_channel, { user }) => left.push(user));
  await watcher.watchMembers('room');
  const dist = new URL('../dist/index.js', import.meta.url).href;
  const code = `
    const { CommandList, NdataClient } = await import(${JSON.stringify(dist)});
    const client = new NdataClient({ socketPath: ${JSON.stringify(socketPath)} });
    await client.setLastWill(new CommandList().increment('farewells').remove(['online', 'me']));
    await client.set(['online', 'me'], true);
    await client.join('room', 'short');
    await client.join('room', 'long', { graceMs: 60000 });
    await client.join('room', 'graced', { graceMs: 30 });
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
  closers.push(() => void child.kill('SIGKILL'));
  await waitFor('three members', () => joined === 3);
  child.kill('SIGKILL');
  await waitFor('two members to leave', () => left.length === 2);
  expect(left).toEqual(['short', 'graced']);
  expect(await watcher.getAll()).toEqual({ farewells: 1, online: {} });
  await watcher.join('room', 'long');
  expect(await watcher.members('room')).toEqual([{ user: 'long', info: undefined, sockets: 1 }]);
});
