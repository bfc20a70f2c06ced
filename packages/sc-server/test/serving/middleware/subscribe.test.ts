import { describe, expect, it } from '@jest/globals';
import { StoreUnavailableError } from 'sc-protocol';
import type { Next } from '../../../src/socket/middleware-contexts.js';
import type { SCSocket } from '../../../src/socket/sc-socket.js';
import { withServer, type TestServer } from '../support.js';

function refusePrivate({ scServer }: TestServer): void {
  scServer.addMiddleware(scServer.MIDDLEWARE_SUBSCRIBE, async ({ channel, socket }) => {
    await Promise.resolve();
    if (channel.startsWith('private/') && socket.authToken === null) throw new Error(`Denied: ${channel}`);
  });
}

describe('the middleware line subscribe', () => {
  it(
    'lets a function of (socket, channel, next) allow and refuse',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      server.scServer.addMiddleware('subscribe', (who: SCSocket, channel: string, next: Next) => {
        next(who === socket && channel === 'open' ? undefined : `No ${channel}`);
      });
      expect(await raw.call('#subscribe', { channel: 'open' })).toEqual({ rid: 2 });
      expect((await raw.call('#subscribe', { channel: 'closed' })).error).toEqual({
        name: 'MiddlewareBlockedError',
        message: 'No closed',
        code: 'SC_BLOCKED',
        line: 'subscribe',
      });
      expect(socket.subscriptions()).toEqual(['open']);
    }),
  );

  it(
    'refuses for good when a function does not settle within middlewareTimeout',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        server.scServer.addMiddleware('subscribe', () => new Promise(() => undefined));
        const { error } = await raw.call('#subscribe', { channel: 'late' });
        expect(error).toMatchObject({ code: 'SC_BLOCKED', line: 'subscribe' });
        expect(error).toMatchObject({ message: 'The middleware line "subscribe" timed out' });
        expect(socket.subscriptions()).toEqual([]);
      },
      { middlewareTimeout: 50 },
    ),
  );

  it(
    'keeps the code of an error that asks for a retry',
    withServer(async (server) => {
      const { raw } = await server.connect();
      server.scServer.addMiddleware('subscribe', () => {
        throw new StoreUnavailableError('The user database is away');
      });
      const { error } = await raw.call('#subscribe', { channel: 'later' });
      expect(error).toMatchObject({ name: 'StoreUnavailableError', code: 'SC_STORE_UNAVAILABLE' });
    }),
  );

  it(
    'shows a function of (req, next) the channel, the data and whether it waits for a token',
    withServer(async (server) => {
      const { raw } = await server.connect();
      const seen: unknown[] = [];
      server.scServer.addMiddleware('subscribe', ({ channel, data, waitForAuth }, next) => {
        seen.push({ channel, data, waitForAuth });
        next();
      });
      await raw.call('#subscribe', { channel: 'a', data: { since: 1 } });
      await raw.call('#subscribe', 'b');
      expect(seen).toEqual([
        { channel: 'a', data: { since: 1 }, waitForAuth: false },
        { channel: 'b', data: undefined, waitForAuth: false },
      ]);
    }),
  );

  it(
    'passes every element of an array on its own',
    withServer(async (server) => {
      refusePrivate(server);
      const { raw, socket } = await server.connect();
      const { error } = await raw.call('#subscribe', ['a', { channel: 'private/b' }, { channel: 'c' }]);
      expect(error?.message).toBe('Denied: private/b');
      expect(socket.subscriptions().sort()).toEqual(['a', 'c']);
    }),
  );

  it.each([
    ['a batch of frames', [{ event: '#subscribe', data: { channel: 'private/x' } }]],
    ['an array of objects', { event: '#subscribe', data: [{ channel: 'private/x' }] }],
    ['an array of names', { event: '#subscribe', data: ['open', 'private/x'] }],
    ['the text form', { event: '#subscribe', data: 'private/x' }],
    ['extra fields', { event: '#subscribe', data: { channel: 'private/x', waitForAuth: true, isAuthenticated: true } }],
  ])('denies a private channel asked for as %s', async (_form, frame) => {
    await withServer(async (server) => {
      refusePrivate(server);
      const { raw, socket } = await server.connect();
      raw.sendFrame(frame);
      await raw.call('#unsubscribe', 'nothing');
      await server.scServer.exchange.publish('private/x', 'secret');
      await raw.call('#unsubscribe', 'nothing');
      expect(socket.isSubscribed('private/x')).toBe(false);
      expect(raw.frames.filter(({ event }) => event === '#publish')).toEqual([]);
    })();
  });

  it(
    'checks again what was allowed with a token when the token goes',
    withServer(async (server) => {
      refusePrivate(server);
      const authToken = await server.scServer.signAuthToken({ username: 'alice' });
      const { raw, socket } = await server.connect({ authToken });
      await raw.call('#subscribe', ['private/x', 'open']);
      expect(socket.subscriptions().sort()).toEqual(['open', 'private/x']);
      socket.removeAuthToken();
      expect(await raw.next(({ event }) => event === '#kickOut')).toEqual({
        event: '#kickOut',
        data: { channel: 'private/x', message: 'Denied: private/x', waitForAuth: true },
      });
      expect(socket.subscriptions()).toEqual(['open']);
    }),
  );

  it(
    'checks again when the token is replaced by that of somebody else',
    withServer(async (server) => {
      server.scServer.addMiddleware('subscribe', ({ channel, socket }) => {
        if (channel !== `of/${String(socket.authToken?.['username'])}`) throw new Error('Not yours');
      });
      const { raw, socket } = await server.connect({
        authToken: await server.scServer.signAuthToken({ username: 'alice' }),
      });
      expect(await raw.call('#subscribe', { channel: 'of/alice' })).toEqual({ rid: 2 });
      await raw.call('#authenticate', await server.scServer.signAuthToken({ username: 'bob' }));
      await raw.next(({ event }) => event === '#kickOut');
      expect(socket.subscriptions()).toEqual([]);
    }),
  );

  it(
    'does not subscribe a client that left while a function decided',
    withServer(async (server) => {
      let allow = (): void => undefined;
      const asked = new Promise<void>((resolve) => {
        server.scServer.addMiddleware('subscribe', (_req, next) => {
          allow = () => next();
          resolve();
        });
      });
      const { raw } = await server.connect();
      raw.emit('#subscribe', { channel: 'x' });
      await asked;
      const gone = new Promise<void>((resolve) => server.scServer.on('disconnection', () => resolve()));
      await raw.close();
      await gone;
      allow();
      await new Promise((resolve) => setImmediate(resolve));
      expect(server.scServer.stats().channels).toBe(0);
    }),
  );
});
