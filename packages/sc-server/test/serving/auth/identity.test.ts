import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import type { SCSocket } from '../../../src/socket/sc-socket.js';
import { publications, settled, startServer, withCleanup, withServer, type TestServer } from '../support.js';

/** A function that waits until it is let go, and tells when it was called. */
function gate() {
  let open = (): void => undefined;
  let enter = (): void => undefined;
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { entered, open, wait: () => (enter(), opened) };
}

/** Private channels are their owner's; the answer takes until the gate opens. */
function guardPrivate({ scServer }: TestServer, wait: () => Promise<void>): void {
  scServer.addMiddleware('subscribe', async ({ channel, socket }) => {
    if (channel.startsWith('of/') && channel !== `of/${String(socket.authToken?.['username'])}`)
      throw new Error('Denied');
    await wait();
  });
}

describe('a subscription in its middleware', () => {
  const ways: [string, (server: TestServer, socket: SCSocket) => unknown][] = [
    ['removeAuthToken', (_server, socket) => socket.removeAuthToken()],
    ['deauthenticateUser', ({ scServer }) => scServer.deauthenticateUser('alice')],
    ['setAuthToken for somebody else', (_server, socket) => void socket.setAuthToken({ username: 'bob' })],
    ['the end of the token', (_server, socket) => waitFor(() => socket.authToken === null, { what: 'the end' })],
  ];

  it.each(ways)('is asked for again after %s', async (_way, change) => {
    await withServer(async (server) => {
      const { wait, entered, open } = gate();
      guardPrivate(server, wait);
      const authToken = await server.scServer.signAuthToken({ username: 'alice' }, { expiresInSeconds: 2 });
      const { raw, socket } = await server.connect({ authToken });
      const answer = raw.call('#subscribe', { channel: 'of/alice' });
      await entered;
      await change(server, socket);
      open();
      expect((await answer).error).toMatchObject({ message: 'Denied' });
      await server.scServer.exchange.publish('of/alice', 'secret');
      await settled(raw);
      expect(publications(raw)).toEqual([]);
      expect(socket.subscriptions()).toEqual([]);
    })();
  });

  it(
    'is allowed when the next identity may, though the one before could not',
    withServer(async (server) => {
      const { wait, entered, open } = gate();
      server.scServer.addMiddleware('subscribe', async ({ socket }) => {
        const name = socket.authToken?.['username'];
        await wait();
        if (name !== 'alice') throw new Error('Denied');
      });
      const { raw, socket } = await server.connect();
      const answer = raw.call('#subscribe', { channel: 'x' });
      await entered;
      void socket.setAuthToken({ username: 'alice' });
      open();
      expect((await answer).error).toBeUndefined();
      expect(socket.subscriptions()).toEqual(['x']);
    }),
  );

  it.each([
    ['kickOut', async (_server: TestServer, socket: SCSocket) => socket.kickOut('x', 'Banned')],
    ['kickOutUser', ({ scServer }: TestServer) => scServer.kickOutUser('alice', undefined, 'Banned')],
  ])('is refused after %s, at once', async (_way, kick) => {
    await withServer(async (server) => {
      const { wait, entered } = gate();
      guardPrivate(server, wait);
      const authToken = await server.scServer.signAuthToken({ username: 'alice' });
      const { raw, socket } = await server.connect({ authToken });
      const answer = raw.call('#subscribe', { channel: 'x' });
      await entered;
      await kick(server, socket);
      const { error } = await answer;
      expect([error?.name, error?.message]).toEqual([
        'InvalidActionError',
        'Kicked out of "x" before it was subscribed: Banned',
      ]);
      expect(raw.frames.some(({ event }) => event === '#kickOut')).toBe(false);
      expect(socket.subscriptions()).toEqual([]);
    })();
  });

  it(
    'that changes the token with each run is given up with a retryable error',
    withServer(async (server) => {
      server.scServer.addMiddleware('subscribe', ({ socket }) => void socket.setAuthToken({ username: 'alice' }));
      const { raw } = await server.connect();
      expect((await raw.call('#subscribe', 'x')).error).toMatchObject({ name: 'TimeoutError' });
    }),
  );
});

describe('a subscription that stands while the token changes', () => {
  it(
    'loses nothing when the new token allows it, and shows nothing before that',
    withServer(async (server) => {
      const { wait, entered, open } = gate();
      const { raw, socket } = await server.connect({
        authToken: await server.scServer.signAuthToken({ username: 'alice', n: 1 }),
      });
      await raw.call('#subscribe', ['of/alice', 'news']);
      guardPrivate(server, wait);
      void socket.setAuthToken({ username: 'alice', n: 2 });
      await entered;
      for (const data of [1, 2]) await server.scServer.exchange.publish('of/alice', data);
      await settled(raw);
      expect(publications(raw)).toEqual([]);
      open();
      await raw.next(({ event }) => event === '#publish');
      await server.scServer.exchange.publish('of/alice', 3);
      await settled(raw);
      expect(publications(raw).map(({ data }) => data)).toEqual([1, 2, 3]);
    }),
  );

  it(
    'ends with a kick-out when the new token does not, without what was published meanwhile',
    withServer(async (server) => {
      const { raw, socket } = await server.connect({
        authToken: await server.scServer.signAuthToken({ username: 'alice' }),
      });
      await raw.call('#subscribe', 'of/alice');
      const { wait, entered, open } = gate();
      server.scServer.addMiddleware('subscribe', async ({ socket: { authToken } }) => {
        await wait();
        if (authToken?.['username'] !== 'alice') throw new Error('Denied');
      });
      void socket.setAuthToken({ username: 'bob' });
      await entered;
      await server.scServer.exchange.publish('of/alice', 'secret');
      open();
      expect(await raw.next(({ event }) => event === '#kickOut')).toEqual({
        event: '#kickOut',
        data: { channel: 'of/alice', message: 'Denied' },
      });
      expect(publications(raw)).toEqual([]);
    }),
  );
});

describe('setAuthToken', () => {
  it(
    'counts from the call on: the claims are there, and the token leaves before the answer',
    withServer(async (server) => {
      server.scServer.addMiddleware('subscribe', ({ socket }) => {
        if (socket.authToken === null) throw new Error('Denied');
      });
      const { raw, socket } = await server.connect();
      const seen: unknown[] = [];
      socket.handle('login', (username) => {
        void socket.setAuthToken({ username });
        seen.push(socket.authToken?.['username']);
      });
      raw.sendFrame({ event: 'login', data: 'alice', cid: 7 });
      raw.sendFrame({ event: '#subscribe', data: 'private', cid: 8 });
      await raw.next(({ rid }) => rid === 8);
      expect(seen).toEqual(['alice']);
      expect(raw.frames.slice(-3).map(({ event, rid, error }) => event ?? (error === undefined && rid))).toEqual([
        '#setAuthToken',
        7,
        8,
      ]);
    }),
  );

  it(
    'then removeAuthToken leaves no token: neither here nor on the wire',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const given = socket.setAuthToken({ username: 'alice' });
      socket.removeAuthToken();
      await expect(given).rejects.toMatchObject({ name: 'AuthTokenError' });
      await settled(raw);
      expect(socket.authToken).toBeNull();
      expect(raw.frames.map(({ event }) => event)).not.toContain('#setAuthToken');
    }),
  );

  it(
    'twice ends with the second on both ends',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      void socket.setAuthToken({ n: 1 });
      void socket.setAuthToken({ n: 2 });
      await settled(raw);
      const tokens = raw.frames.flatMap(({ event, data }) =>
        event === '#setAuthToken' ? [data as { token: string }] : [],
      );
      expect(tokens).toHaveLength(2);
      expect(await server.scServer.verifyAuthToken(tokens[1]?.token ?? '')).toMatchObject({ n: 2 });
      expect(socket.authToken).toMatchObject({ n: 2 });
    }),
  );

  it(
    "crossing the client's own logout ends logged out on both ends",
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      void socket.setAuthToken({ username: 'alice' });
      await raw.next(({ event }) => event === '#setAuthToken');
      // Said before the client saw the token, as far as the server knows.
      raw.emit('#removeAuthToken');
      await raw.next(({ event }) => event === '#removeAuthToken');
      expect(socket.authToken).toBeNull();
    }),
  );

  it(
    'in the line authenticate may be awaited during the handshake',
    withServer(async (server) => {
      server.scServer.addMiddleware('authenticate', async ({ socket, authToken }) => {
        if (authToken['version'] !== 2) await socket.setAuthToken({ version: 2 });
      });
      const raw = await server.open();
      const opening = raw.handshake(await server.scServer.signAuthToken({ version: 1 }));
      const { cid } = await raw.next(({ event }) => event === '#setAuthToken');
      raw.sendFrame({ rid: cid });
      const { id, isAuthenticated } = await opening;
      expect([isAuthenticated, server.scServer.clients[id]?.authToken?.['version']]).toEqual([true, 2]);
      // The client takes the answer for the latest word, so the token that counts is said once more.
      const { data } = await raw.next(({ event, cid: callId }) => event === '#setAuthToken' && callId === undefined);
      expect(await server.scServer.verifyAuthToken((data as { token: string }).token)).toMatchObject({ version: 2 });
    }),
  );

  it(
    'with an engine that never signs closes with 4002 in time, and what waits behind the token ends with it',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        await expect(socket.setAuthToken({ username: 'alice' })).rejects.toMatchObject({ name: 'AuthTokenError' });
        expect((await raw.closed).code).toBe(4002);
      },
      {
        ackTimeout: 50,
        authEngine: { signToken: () => new Promise<string>(() => undefined), verifyToken: () => ({}) },
      },
    ),
  );
});

describe('a token that is being presented', () => {
  it(
    'is not answered as accepted when a listener takes it away at once',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('authenticate', () => socket.removeAuthToken());
      const states: string[] = [];
      socket.on('authStateChange', ({ newState }) => void states.push(newState));
      const answer = await raw.call('#authenticate', await server.scServer.signAuthToken({ username: 'alice' }));
      expect(answer).toMatchObject({ error: { name: 'AuthError' }, data: { isAuthenticated: false } });
      await raw.next(({ event }) => event === '#removeAuthToken');
      expect([socket.authToken, states.at(-1)]).toEqual([null, 'unauthenticated']);
    }),
  );

  it(
    'is answered before the richer token that a listener issues',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.once('authenticate', () => void socket.setAuthToken({ username: 'alice', role: 'admin' }));
      const token = await server.scServer.signAuthToken({ username: 'alice' });
      raw.sendFrame({ event: '#authenticate', data: token, cid: 9 });
      await raw.next(({ event }) => event === '#setAuthToken');
      expect(raw.frames.slice(-2)).toMatchObject([
        { rid: 9, data: { isAuthenticated: true } },
        { event: '#setAuthToken' },
      ]);
      expect(socket.authToken).toMatchObject({ role: 'admin' });
    }),
  );

  const orders: [string, (server: TestServer) => Promise<void>, number | undefined][] = [
    ['disconnectUser', ({ scServer }) => scServer.disconnectUser('alice', 4500, 'Banned'), 4500],
    ['deauthenticateUser', ({ scServer }) => scServer.deauthenticateUser('alice'), undefined],
  ];

  it.each(orders)('in the line authenticate is reached by %s', async (_order, give, code) => {
    await withServer(async (server) => {
      const { wait, entered, open } = gate();
      server.scServer.addMiddleware('authenticate', wait);
      const raw = await server.open();
      const token = await server.scServer.signAuthToken({ username: 'alice' });
      const handshake = raw.call('#handshake', { authToken: token });
      await entered;
      await give(server);
      open();
      const { error, data } = await handshake;
      if (code !== undefined) {
        expect([error, data]).toMatchObject([{ name: 'SocketProtocolError', statusCode: code }, { code }]);
        expect((await raw.closed).code).toBe(code);
      } else {
        expect(data).toMatchObject({ isAuthenticated: false, authError: { name: 'AuthError' } });
      }
      expect(Object.values(server.scServer.clients).filter(({ authToken }) => authToken !== null)).toEqual([]);
    })();
  });

  it(
    'and verified only later is reached by an order that was given before its user was known',
    withCleanup(async (cleanup) => {
      const { wait, entered, open } = gate();
      const authEngine = {
        signToken: (claims: object) => JSON.stringify(claims),
        verifyToken: async (signed: string) => {
          await wait();
          return JSON.parse(signed) as object;
        },
      };
      const server = await startServer(cleanup, { authEngine });
      const raw = await server.open();
      void raw.call('#handshake', { authToken: '{"username":"alice"}' }).catch(() => undefined);
      await entered;
      await server.scServer.disconnectUser('alice', 4500);
      open();
      expect((await raw.closed).code).toBe(4500);
    }),
  );

  it(
    'may be refused together with the connection, with a code and a reason',
    withServer(async (server) => {
      server.scServer.addMiddleware('authenticate', ({ socket, authToken }) => {
        if (authToken['username'] === 'mallory') socket.disconnect(4403, 'Banned');
      });
      const raw = await server.open();
      void raw.handshake(await server.scServer.signAuthToken({ username: 'mallory' })).catch(() => undefined);
      expect(await raw.closed).toEqual({ code: 4403, reason: 'Banned' });
      expect(server.scServer.clientsCount).toBe(0);
    }),
  );

  it(
    'renews a token that ends meanwhile, and the subscriptions go on',
    withServer(async (server) => {
      const { wait, entered, open } = gate();
      guardPrivate(server, () => Promise.resolve());
      const { raw, socket } = await server.connect({
        authToken: await server.scServer.signAuthToken({ username: 'alice' }, { expiresInSeconds: 2 }),
      });
      await raw.call('#subscribe', { channel: 'of/alice', waitForAuth: true });
      server.scServer.addMiddleware('authenticate', wait);
      const answer = raw.call('#authenticate', await server.scServer.signAuthToken({ username: 'alice' }));
      await entered;
      await waitFor(() => socket.authToken === null, { what: 'the end of the first token' });
      await server.scServer.exchange.publish('of/alice', 'while nobody is logged in');
      open();
      expect(await answer).toMatchObject({ data: { isAuthenticated: true } });
      await raw.next(({ event }) => event === '#publish');
      expect(raw.frames.some(({ event }) => event === '#kickOut')).toBe(false);
    }),
  );
});

describe('publications of one turn with a change of the token', () => {
  const changes: [string, string, (socket: SCSocket) => unknown][] = [
    ['removeAuthToken', '#removeAuthToken', (socket) => socket.removeAuthToken()],
    ['setAuthToken', '#setAuthToken', (socket) => socket.setAuthToken({ username: 'bob' }).catch(() => undefined)],
  ];
  it.each(changes)('reach the client in front of %s', async (_name, event, change) => {
    await withServer(async (server) => {
      const authToken = await server.scServer.signAuthToken({ username: 'alice' });
      const { raw, socket } = await server.connect({ authToken });
      await raw.call('#subscribe', { channel: 'of/alice', waitForAuth: true });
      const isThere = new Promise<void>((resolve) => {
        server.scServer.exchange.watch('of/alice', () => {
          // The publication waits for the end of the turn by now.
          void change(socket);
          resolve();
        });
      });
      server.scServer.exchange.subscribe('of/alice');
      await server.scServer.exchange.publish('of/alice', 'still for alice');
      await isThere;
      await raw.next((frame) => frame['event'] === event);
      const order = raw.frames.flatMap((frame) => (frame['event'] === undefined ? [] : [frame['event']]));
      expect(order.slice(0, 2)).toEqual(['#publish', event]);
    })();
  });
});
