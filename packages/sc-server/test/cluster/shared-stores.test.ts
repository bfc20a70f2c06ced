import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connect, type SCClientSocket } from 'sc-client';
import { presence } from 'sc-client/presence';
import { createCleanup, makeCertificate, requiredTool, tempDir, waitFor } from 'sc-testkit';
import { SocketCluster } from '../../dist/index.js';
import { startStore, storeSecret, writeIn, type StandaloneStore } from './hosts-support.js';
import { controller, keepingLogger, startCluster, type TestCluster } from './support.js';

jest.setTimeout(180_000);
const deadlineMs = 60_000;
const cleanup = createCleanup();
const exitCode = process.exitCode;
afterAll(async () => {
  await cleanup.run();
  process.exitCode = exitCode;
});

const openssl = requiredTool('openssl', { for: 'TLS between hosts' });
const rules = { 'room/*': { history: { size: 100, ageMs: 600_000 }, presence: { graceMs: 5_000 } } };

(openssl === undefined ? describe.skip : describe)('two hosts with shared stores', () => {
  const folder = cleanup.add(tempDir(), (created) => created.remove()).path;
  const secretFile = writeIn(folder, 'secret', `${storeSecret}\n`);
  const { cert, key } = makeCertificate(folder);
  const [certFile, keyFile] = [writeIn(folder, 'c.pem', cert), writeIn(folder, 'k.pem', key)];
  const rulesFile = writeIn(folder, 'rules.json', JSON.stringify(rules));
  const stores: StandaloneStore[] = [];
  const hosts: TestCluster[] = [];

  const runStore = async (id: number, port = 0) => {
    const persist = ['--persist', `${folder}/data-${id}`, '--channels', rulesFile];
    const tls = ['--tls-cert', certFile, '--tls-key', keyFile];
    stores[id] = await startStore(['--port', String(port), '--secret-file', secretFile, ...persist, ...tls]);
  };

  beforeAll(async () => {
    cleanup.add(stores, async () => {
      for (const store of stores) await store.kill();
    });
    await Promise.all([runStore(0), runStore(1)]);
    const addresses = stores.map(({ port }) => `localhost:${port}`);
    const common = { workers: 1, healthPort: 0, storeSecretFile: secretFile, storeTls: { ca: Buffer.from(cert) } };
    const start = async (storeAddresses: string[]) =>
      cleanup.add(
        await startCluster({
          ...common,
          stores: undefined as never,
          storeAddresses,
          workerController: controller('hosts.cjs'),
        }),
        ({ cluster }) => cluster.close(),
      );
    // The order of the addresses does not matter.
    hosts.push(...(await Promise.all([start(addresses), start([...addresses].reverse())])));
  });

  function client(host: number): SCClientSocket {
    const socket = connect({ url: hosts[host]!.url, authEngine: null });
    return cleanup.add(socket, (one) => one.destroy());
  }

  /** Channels that together lie on both stores. */
  const rooms = Array.from({ length: 8 }, (_, id) => `room/${id}`);

  it('run no stores of their own, and say so in their status', async () => {
    for (const { cluster } of hosts) {
      await waitFor(() => cluster.status().sharedStores.every(({ state }) => state === 'ready'), {
        deadlineMs,
        what: 'the stores to be ready',
      });
      const { stores: own, sharedStores } = cluster.status();
      expect(own).toEqual([]);
      expect(sharedStores.map(({ address }) => address)).toEqual(
        stores
          .map(({ port }) => port)
          .sort((one, other) => one - other)
          .map((port) => `localhost:${port}`),
      );
    }
  });

  it('carry publications, keys and history from one to the other', async () => {
    const [one, other] = [client(0), client(1)];
    const received: unknown[] = [];
    for (const room of rooms) {
      const channel = other.channel(room);
      channel.watch((data) => void received.push([room, data]));
      channel.subscribe();
      await waitFor(() => channel.state === 'subscribed', { deadlineMs, what: 'the subscription' });
    }
    for (const room of rooms) await one.channel(room).publish(`hello ${room}`);
    await waitFor(() => received.length === rooms.length, { deadlineMs, what: 'the publications' });
    expect(received).toEqual(expect.arrayContaining(rooms.map((room) => [room, `hello ${room}`])));
    for (const room of rooms) {
      await one.invoke('set', [[room, 'name'], room]);
      expect(await other.invoke('get', [[room, 'name']])).toBe(room);
    }
    const late: unknown[] = [];
    const channel = client(1).channel('room/0');
    channel.watch((data) => void late.push(data));
    channel.subscribe({ rewind: 10 });
    await waitFor(() => late.length === 1, { deadlineMs, what: 'the rewound publication' });
  });

  it('list the members of both', async () => {
    const [ada, bob] = [client(0), client(1)];
    await ada.invoke('login', 'ada');
    await bob.invoke('login', 'bob');
    const lists = [ada, bob].map((socket) => presence(socket.channel('room/presence')));
    for (const list of lists) {
      await waitFor(() => list.list().length === 2, { deadlineMs, what: 'both members' });
      expect(list.list().map(({ user }) => user)).toEqual(expect.arrayContaining(['ada', 'bob']));
    }
    lists[1]!.stop();
    await waitFor(() => lists[0]!.list().length === 1, { deadlineMs, what: 'the leave' });
  });

  it('carry out kickOut, emitToUser, deauthenticateUser and disconnectUser of the other', async () => {
    const [admin, user] = [client(0), client(1)];
    const kicks: unknown[] = [];
    const emitted: unknown[] = [];
    await user.invoke('login', 'eve');
    user.on('kickOut', (...details: unknown[]) => void kicks.push(details));
    user.on('note', (data: unknown) => void emitted.push(data));
    const channel = user.channel('room/kick');
    channel.subscribe();
    await waitFor(() => channel.state === 'subscribed', { deadlineMs, what: 'the subscription' });
    await admin.invoke('order kickOutUser', ['eve', 'room/kick', 'out']);
    await waitFor(() => channel.state === 'unsubscribed', { deadlineMs, what: 'the kick-out' });
    await admin.invoke('order emitToUser', ['eve', 'note', 42]);
    await waitFor(() => emitted.length === 1, { deadlineMs, what: 'the event' });
    await admin.invoke('order deauthenticateUser', ['eve']);
    await waitFor(() => user.authState === 'unauthenticated', { deadlineMs, what: 'the deauthentication' });
    await user.invoke('login', 'eve');
    const closes: number[] = [];
    user.on('disconnect', (code: number) => void closes.push(code));
    await admin.invoke('order disconnectUser', ['eve', 4321, 'bye']);
    await waitFor(() => closes.length > 0, { deadlineMs, what: 'the disconnection' });
    expect(closes[0]).toBe(4321);
  });

  it('say which store is away when it is killed, and go on with its data when it is back', async () => {
    const [one, other] = [client(0), client(1)];
    const received = new Map<string, unknown[]>(rooms.map((room) => [room, []]));
    for (const room of rooms) {
      const channel = other.channel(room);
      channel.watch((data) => void received.get(room)!.push(data));
      channel.subscribe();
      await waitFor(() => channel.state === 'subscribed', { deadlineMs, what: 'the subscription' });
      await one.channel(room).publish('before');
    }
    await waitFor(() => [...received.values()].every((list) => list.length === 1), {
      deadlineMs,
      what: 'the publications',
    });
    const { port, kill } = stores[0]!;
    await kill();
    const address = `localhost:${port}`;
    for (const { cluster } of hosts) {
      await waitFor(() => cluster.status().sharedStores.some(({ state }) => state === 'away'), {
        deadlineMs,
        what: 'the store to be away',
      });
      const away = cluster.status().sharedStores.filter(({ state }) => state === 'away');
      expect(away).toEqual([{ address, state: 'away', awayFrom: [0] }]);
      const answer = await fetch(`http://127.0.0.1:${cluster.status().healthPort}/readyz`);
      expect([answer.status, await answer.json()]).toEqual([
        503,
        { ready: false, reasons: [`store ${address} cannot be reached`] },
      ]);
    }
    // Publishes wait for the store, at most for `ackTimeout`.
    const published = Promise.all(rooms.map((room) => one.channel(room).publish('while away')));
    await runStore(0, port);
    await published;
    await waitFor(() => [...received.values()].every((list) => list.length === 2), {
      deadlineMs,
      what: 'the publications',
    });
    for (const list of received.values()) expect(list).toEqual(['before', 'while away']);
    for (const { cluster } of hosts) {
      await waitFor(() => cluster.status().sharedStores.every(({ state }) => state === 'ready'), {
        deadlineMs,
        what: 'the stores to be ready',
      });
    }
  });

  it.each<[what: string, secret: string, options: object, reason: RegExp]>([
    ['another secret', 'another secret of thirty-two bytes!', { ca: cert }, /The store refused the secret/],
    ['an authority that did not sign', storeSecret, {}, /self.signed certificate/],
  ])('a third host with %s does not start, and names the stores', async (_what, secret, storeTls, reason) => {
    const { logger } = keepingLogger();
    const cluster = new SocketCluster({
      workerController: controller('worker.cjs'),
      port: 0,
      workers: 1,
      authKey: 'a key of thirty-two bytes or more',
      storeAddresses: stores.map(({ port }) => `localhost:${port}`),
      storeSecretFile: writeIn(folder, 'other-secret', secret),
      storeTls,
      readyTimeout: 6_000,
      logger,
    });
    cleanup.add(cluster, (started) => started.close());
    const error: unknown = await cluster.whenReady().catch((cause: unknown) => cause);
    expect((error as Error).message).toMatch(reason);
    expect((error as Error).message).toMatch(/Stores cannot be reached.*: localhost:\d+ \(/);
  });
});
