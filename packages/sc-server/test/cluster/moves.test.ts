import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import { presence } from 'sc-client/presence';
import { makeCertificate, rawSocket, tempDir, waitFor, type RawSocket } from 'sc-testkit';
import type { SocketClusterOptions } from '../../dist/index.js';
import { controller, startCluster, type TestCluster } from './support.js';

type Told = Readonly<Record<string, unknown>>;

const directory = tempDir();
const { key, cert } = makeCertificate(directory.path);
const tls = { key, cert };
/** The ways in which connections reach workers. */
const deliveries: readonly [string, Partial<SocketClusterOptions>][] = [
  ['handed over', { balancers: 0 }],
  ['relayed by balancers that end TLS', { balancers: 1, protocol: 'https', protocolOptions: tls }],
];

describe('A reload that moves open sockets', () => {
  let test: TestCluster | undefined;
  let told: Told[] = [];
  const opened: { destroy(): void }[] = [];
  afterAll(() => directory.remove());
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    await test?.cluster.close();
    test = undefined;
  });
  const start = async (options: Partial<SocketClusterOptions> = {}): Promise<TestCluster> => {
    test = await startCluster({ workerController: controller('moving.cjs'), workers: 1, reload: 'move', ...options });
    told = [];
    test.cluster.on('workerMessage', (_id, data) => told.push(data as Told));
    return test;
  };
  const raw = async (url: string): Promise<RawSocket> => {
    const socket = await rawSocket(url, { headers: { 'X-Agent': 'seven' } });
    opened.push({ destroy: () => socket.terminate() });
    await socket.handshake();
    return socket;
  };
  const login = async (socket: RawSocket): Promise<void> => {
    await socket.call('login', 'ada');
    const { cid } = await socket.next(({ event }) => event === '#setAuthToken');
    socket.sendFrame({ rid: cid });
  };
  const stateOf = async (socket: RawSocket) => (await socket.call('state')).data as Told;
  const pidOf = ({ cluster }: TestCluster) => cluster.status().workers[0]?.pid;

  it.each(deliveries)('keeps everything of a client, %s', async (_way, options) => {
    const { cluster, url } = await start(options);
    const socket = await raw(url);
    await login(socket);
    for (const channel of ['one', 'two']) await socket.call('#subscribe', { channel });
    for (let count = 0; count < 3; count++) await socket.call('count');
    const before = await stateOf(socket);
    expect(before).toMatchObject({ isMoved: false, count: 3, agent: 'seven', channels: ['one', 'two'] });
    told = [];
    await cluster.reload();
    const after = await stateOf(socket);
    expect(after).toEqual({ ...before, isMoved: true, pid: pidOf(test!) });
    expect(after['pid']).not.toBe(before['pid']);
    // Middleware does not run again, and only the connection is announced.
    expect(told).toEqual([
      { pid: before['pid'], event: 'disconnect', details: [0, 'moved'] },
      { pid: before['pid'], disconnection: before['id'], code: 0, reason: 'moved' },
      { pid: after['pid'], connection: before['id'], isMoved: true },
    ]);
    const published = await socket.call('#publish', { channel: 'one', data: 'still here' });
    expect(published.error).toBeUndefined();
    await socket.next(({ event, data: told }) => event === '#publish' && (told as Told)['data'] === 'still here');
    expect(cluster.status().moves).toEqual({ moved: 1, closed: 0 });
    expect(cluster.status().workers).toMatchObject([{ state: 'ready' }]);
  });

  it('moves the sockets once more at the next reload', async () => {
    const { cluster, url } = await start();
    const socket = await raw(url);
    await socket.call('count');
    for (let reload = 1; reload <= 3; reload++) {
      await cluster.reload();
      expect(await stateOf(socket)).toMatchObject({ isMoved: true, count: reload });
      await socket.call('count');
    }
    expect(cluster.status().moves).toEqual({ moved: 3, closed: 0 });
  });

  it('lets calls of both ends finish first', async () => {
    const { cluster, url } = await start();
    const socket = await raw(url);
    const { pid } = await stateOf(socket);
    const waiting = socket.call('wait', 1_500, { deadlineMs: 60_000 });
    const asking = socket.call('askBack', undefined, { deadlineMs: 60_000 });
    const question = await socket.next(({ event }) => event === 'answer');
    const reloading = cluster.reload();
    await waitFor(() => cluster.status().workers.length === 2, { deadlineMs: 30_000, what: 'the new worker to start' });
    expect((await waiting).data).toBe(pid);
    socket.sendFrame({ rid: question['cid'], data: 'answered' });
    expect((await asking).data).toBe('answered');
    await reloading;
    expect((await stateOf(socket))['pid']).not.toBe(pid);
    expect(cluster.status().moves).toEqual({ moved: 1, closed: 0 });
  });

  it('ends calls that last too long with a retryable error, and keeps what the client sends meanwhile', async () => {
    const { cluster, url } = await start({ moveTimeout: 2_000 });
    const socket = await raw(url);
    const { pid } = await stateOf(socket);
    const never = socket.call('never', undefined, { deadlineMs: 60_000 });
    const progress = { isOver: false };
    const reloading = cluster.reload().finally(() => (progress.isOver = true));
    let sent = 0;
    while (!progress.isOver) {
      socket.emit('echo', ++sent);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await reloading;
    expect((await never).error).toMatchObject({ name: 'MovedError', code: 'SC_MOVED', isUnknown: true });
    expect((await stateOf(socket))['pid']).not.toBe(pid);
    const echoed = socket.frames.filter(({ event }) => event === 'echo').map(({ data }) => data);
    expect(echoed).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
  });

  it('carries out orders about a user once for each socket, whenever they come', async () => {
    const { cluster, url } = await start({ workers: 2 });
    const sockets = await Promise.all(Array.from({ length: 10 }, () => raw(url)));
    for (const socket of sockets) await login(socket);
    const progress = { isOver: false };
    const reloading = cluster.reload().finally(() => (progress.isOver = true));
    let given = 0;
    const giver = await raw(url);
    while (!progress.isOver) {
      const { error } = await giver.call('emitToUser', 'ada', { deadlineMs: 60_000 });
      expect(error).toBeUndefined();
      given += 1;
    }
    await reloading;
    const toldTo = (socket: RawSocket) => socket.frames.filter(({ event }) => event === 'told').length;
    await waitFor(() => sockets.every((socket) => toldTo(socket) >= given), {
      deadlineMs: 30_000,
      what: () => `${given} orders: ${JSON.stringify(sockets.map(toldTo))}`,
    });
    expect(sockets.map(toldTo)).toEqual(sockets.map(() => given));
    expect(cluster.status().moves).toEqual({ moved: 11, closed: 0 });
  });

  it('shows no disconnect to a client of this project', async () => {
    const { cluster, port } = await start();
    const client = connect({ hostname: 'localhost', port });
    opened.push(client);
    const events: string[] = [];
    client.on('disconnect', () => events.push('disconnect'));
    client.on('connectAbort', () => events.push('connectAbort'));
    const news = client.subscribe('news');
    news.watch((data) => events.push(String(data)));
    await waitFor(() => news.isSubscribed(), { what: 'the subscription' });
    await client.invoke('login', 'ada');
    await cluster.reload();
    await news.publish('after');
    await waitFor(() => events.length > 0, { what: 'the publication' });
    expect(events).toEqual(['after']);
    expect(client.authToken).toMatchObject({ username: 'ada' });
  });

  it('closes clients that use presence early with 1012, without an event for the members', async () => {
    const { cluster, port } = await start({ moveTimeout: 3_600_000 });
    const [ada, eve] = await Promise.all(
      ['ada', 'eve'].map(async (name) => {
        const client = connect({ hostname: 'localhost', port, autoReconnectOptions: { initialDelay: 10 } });
        opened.push(client);
        await client.invoke('login', name);
        return client;
      }),
    );
    const room = presence(ada!.channel('room'));
    presence(eve!.channel('room'));
    await waitFor(() => room.count === 2, { deadlineMs: 30_000, what: 'both members' });
    const codes: unknown[] = [];
    ada!.on('disconnect', (code) => codes.push(code));
    const changes: unknown[] = [];
    room.on('change', (change) => changes.push(change));
    const state = async () => (await ada!.invoke('state')) as Told;
    const { pid } = await state();
    await cluster.reload();
    await waitFor(async () => (await state())['pid'] !== pid, { deadlineMs: 30_000, what: 'the new worker' });
    await waitFor(async () => ((await eve!.invoke('state')) as Told)['pid'] !== pid, {
      deadlineMs: 30_000,
      what: 'eve',
    });
    expect(room.list().map(({ user }) => user)).toEqual(expect.arrayContaining(['ada', 'eve']));
    expect(changes).toEqual([]);
    expect(codes).toEqual([1012]);
    expect(cluster.status().moves).toEqual({ moved: 0, closed: 2 });
  });

  it('drains where workers terminate TLS, and says so once', async () => {
    const { cluster, url, log } = await start({ balancers: 0, protocol: 'https', protocolOptions: tls });
    const socket = await raw(url);
    await cluster.reload();
    await cluster.reload();
    expect(await socket.closed).toMatchObject({ code: 1001 });
    expect(log.filter(({ message }) => message.startsWith('Reloads drain'))).toHaveLength(1);
    expect(cluster.status().moves).toEqual({ moved: 0, closed: 0 });
  });

  it('does not move without the option', async () => {
    const { cluster, url } = await start({ reload: 'drain' });
    const socket = await raw(url);
    await cluster.reload();
    expect(await socket.closed).toMatchObject({ code: 1001 });
  });
});
