import { describe, expect, it } from '@jest/globals';
import { connect, type SCClientSocket } from 'sc-client';
import { createCleanup, waitFor, type Cleanup } from 'sc-testkit';
import type { SCServerOptions } from '../../../src/server/options.js';
import type { SCSocket } from '../../../src/socket/sc-socket.js';
import { settled, startServer, withCleanup, withServer, type TestServer } from '../support.js';

interface Pair {
  readonly server: TestServer;
  readonly client: SCClientSocket;
  readonly socket: SCSocket;
}

const deadlineMs = 30_000;

/** A server whose line `subscribe` allows nothing, with one client. */
async function pair(cleanup: Cleanup, options: SCServerOptions = {}): Promise<Pair> {
  const server = await startServer(cleanup, options);
  server.scServer.addMiddleware('subscribe', () => {
    throw new Error('Not for clients');
  });
  return { server, ...(await open(cleanup, server)) };
}

async function open(cleanup: Cleanup, server: TestServer): Promise<Omit<Pair, 'server'>> {
  const client = cleanup.add(
    connect({ url: server.url, autoReconnectOptions: { initialDelay: 1, randomness: 0 } }),
    (one) => one.destroy(),
  );
  const { id } = await new Promise<{ id: string }>((resolve) => client.once('connect', resolve));
  const socket = server.scServer.clients[id];
  if (socket === undefined) throw new Error(`The server has no client ${id}`);
  return { client, socket };
}

const test = (run: (pair: Pair, cleanup: Cleanup) => Promise<void>, options?: SCServerOptions) =>
  withCleanup(async (cleanup) => run(await pair(cleanup, options), cleanup));

const until = (condition: () => boolean, what: string) => waitFor(condition, { what, deadlineMs });

describe('socket.subscribe of a server', () => {
  it(
    'subscribes the client whatever the line says, and the client hears of it',
    test(async ({ server, client, socket }) => {
      const events: unknown[] = [];
      client.on('subscribe', (name) => events.push(name));
      const published: unknown[] = [];
      client.watch('news', (data) => published.push(data));
      await socket.subscribe('news');
      await server.scServer.exchange.publish('news', 1);
      await until(() => published.length === 1, 'the publication came');
      expect(events).toEqual(['news']);
      expect(client.isSubscribed('news')).toBe(true);
      expect(socket.subscriptions()).toEqual(['news']);
    }),
  );

  it(
    'ends with socket.unsubscribe, kickOut, and the unsubscribe of the client',
    test(async ({ client, socket }) => {
      for (const end of [
        () => socket.unsubscribe('news'),
        () => socket.kickOut('news'),
        () => client.unsubscribe('news'),
        () => client.channel('news').unsubscribe(),
      ]) {
        await socket.subscribe('news');
        await until(() => client.isSubscribed('news'), 'the client is subscribed');
        end();
        await until(() => !client.isSubscribed('news', true) && !socket.isSubscribed('news'), 'both ends agree');
      }
      expect(socket.subscriptions()).toEqual([]);
    }),
  );

  it(
    'does not outlive its connection, unless the client wants to be subscribed too',
    test(async ({ server, client, socket }) => {
      await socket.subscribe('news');
      await until(() => client.isSubscribed('news'), 'the client is subscribed');
      const ended = new Promise((resolve) => client.once('unsubscribe', resolve));
      const connected = new Promise<{ id: string }>((resolve) => client.once('connect', resolve));
      socket.terminate();
      expect(await ended).toBe('news');
      const { id } = await connected;
      expect(client.subscriptions(true)).toEqual([]);
      expect(server.scServer.clients[id]?.subscriptions()).toEqual([]);
    }),
  );

  it(
    'allows the client to ask for the same channel while it stands, and not afterwards',
    test(async ({ client, socket }) => {
      await socket.subscribe('news');
      await until(() => client.isSubscribed('news'), 'the client is subscribed');
      const handle = client.channel('news');
      handle.subscribe();
      const failed = new Promise((resolve) =>
        handle.once('subscribeFail', (error) => resolve((error as Error).message)),
      );
      socket.terminate();
      expect(await failed).toBe('Not for clients');
    }),
  );

  it(
    'decides on a request of the client that the line still looks at',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      const refusals: ((error: Error) => void)[] = [];
      server.scServer.addMiddleware('subscribe', () => new Promise((_resolve, reject) => refusals.push(reject)));
      const { client, socket } = await open(cleanup, server);
      client.subscribe('news');
      await until(() => refusals.length === 1, 'the line is asked');
      const ordered = socket.subscribe('news');
      refusals[0]?.(new Error('Too late'));
      await ordered;
      await until(() => client.isSubscribed('news'), 'the client is subscribed');
      expect(refusals).toHaveLength(1);
    }),
  );

  it(
    'with waitForAuth needs an auth token, and ends with it',
    test(async ({ client, socket }) => {
      await expect(socket.subscribe('mine', { waitForAuth: true })).rejects.toMatchObject({ name: 'AuthError' });
      await socket.setAuthToken({ username: 'ann' });
      await socket.subscribe('mine', { waitForAuth: true });
      await socket.subscribe('open');
      await until(() => client.isSubscribed('mine') && client.isSubscribed('open'), 'the client is subscribed');
      socket.removeAuthToken();
      await until(() => !client.isSubscribed('mine', true), 'the client has left');
      expect(socket.subscriptions()).toEqual(['open']);
      expect(client.subscriptions(true)).toEqual(['open']);
      await socket.setAuthToken({ username: 'ann' });
      await settledClient(client);
      expect(client.subscriptions(true)).toEqual(['open']);
    }),
  );

  it(
    'ends at once on a client that logs out',
    test(async ({ client, socket }) => {
      await socket.setAuthToken({ username: 'ann' });
      await socket.subscribe('mine', { waitForAuth: true });
      await until(() => client.isSubscribed('mine'), 'the client is subscribed');
      const done = client.deauthenticate();
      expect(client.subscriptions(true)).toEqual([]);
      await done;
      await until(() => !socket.isSubscribed('mine'), 'the server has ended it');
    }),
  );

  it(
    'keeps the limit of channels, and refuses names and options that cannot be',
    test(
      async ({ socket }) => {
        await socket.subscribe('one');
        await expect(socket.subscribe('two')).rejects.toMatchObject({ name: 'ResourceLimitError' });
        expect(() => socket.subscribe('')).toThrow('A channel name must not be empty');
        expect(() => socket.subscribe('x', { wait: true } as object)).toThrow(
          '`wait` is not an option of socket.subscribe',
        );
        await expect(socket.subscribe('#sc.users')).rejects.toMatchObject({ name: 'InvalidActionError' });
        socket.terminate();
        await until(() => socket.state === 'closed', 'the socket is closed');
        await expect(socket.subscribe('three')).rejects.toMatchObject({ name: 'BadConnectionError' });
      },
      { socketChannelLimit: 1 },
    ),
  );

  it(
    'brings the position of a channel with history, so that nothing is lost',
    test(
      async ({ server, client, socket }) => {
        await server.scServer.exchange.publish('log/a', 0);
        const offsets: unknown[] = [];
        client.watch('log/a', (data, { offset }) => offsets.push([data, offset]));
        await socket.subscribe('log/a');
        await server.scServer.exchange.publish('log/a', 1);
        await until(() => offsets.length === 1, 'the publication came');
        expect(offsets).toEqual([[1, 2]]);
      },
      { channels: { 'log/*': { history: { size: 10, ageMs: 60_000 } } } },
    ),
  );

  it(
    'is refused for a client that would not take it, unless the client asks itself',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      await expect(socket.subscribe('news')).rejects.toMatchObject({ name: 'InvalidActionError' });
      await settled(raw);
      expect(raw.frames.filter(({ event }) => event === '#subscribe')).toEqual([]);
      await raw.call('#subscribe', { channel: 'news' });
      await socket.subscribe('news');
      expect(socket.subscriptions()).toEqual(['news']);
    }),
  );
});

/** Settles when the server has handled what the client has said so far. */
async function settledClient(client: SCClientSocket): Promise<void> {
  await client.invoke('no such procedure').catch(() => undefined);
}

describe('frames that cross', () => {
  it(
    'an unsubscribe that the client said before it learned of the subscription leaves no difference',
    test(async ({ client, socket }) => {
      for (let round = 0; round < 50; round++) {
        const cleanup = createCleanup();
        const ordered = socket.subscribe('news');
        if (round % 2 === 0) client.subscribe('news');
        if (round % 3 === 0) client.unsubscribe('news');
        if (round % 5 === 0) socket.kickOut('news');
        if (round % 7 === 0) void socket.subscribe('news');
        await ordered.catch(() => undefined);
        await settledClient(client);
        await until(
          () => client.isSubscribed('news') === socket.isSubscribed('news') && !isPending(client),
          `both ends agree in round ${round}`,
        );
        socket.kickOut('news');
        await until(() => !client.isSubscribed('news', true), 'the client has left');
        await cleanup.run();
      }
      expect(socket.subscriptions()).toEqual([]);
    }),
  );
});

function isPending(client: SCClientSocket): boolean {
  return client.isSubscribed('news', true) && !client.isSubscribed('news');
}
