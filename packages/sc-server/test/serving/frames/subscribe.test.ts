import { describe, expect, it } from '@jest/globals';
import { NdataStore } from 'ndata-store';
import { publications, settled, withCleanup, withServer, startServer } from '../support.js';

describe('the frame #subscribe', () => {
  it.each([
    ['a name', 'x'],
    ['an object', { channel: 'x' }],
    ['an array', [{ channel: 'x' }]],
  ])('takes %s', async (_form, data) => {
    await withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const events: string[] = [];
      socket.on('subscribe', (channel) => void events.push(channel));
      expect(await raw.call('#subscribe', data)).toEqual({ rid: 2 });
      expect(await raw.call('#subscribe', data)).toEqual({ rid: 3 });
      expect(socket.subscriptions()).toEqual(['x']);
      expect(socket.isSubscribed('x')).toBe(true);
      expect(events).toEqual(['x']);
    })();
  });

  it(
    'works without a call id',
    withServer(async (server) => {
      const { raw } = await server.connect();
      raw.emit('#subscribe', 'x');
      await settled(raw);
      await server.scServer.exchange.publish('x', 1);
      await settled(raw);
      expect(publications(raw)).toEqual([{ channel: 'x', data: 1 }]);
    }),
  );

  it(
    'that waits for a token fails with AuthError without one, and with AuthTokenExpiredError after it ran out',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const asked = { channel: 'x', waitForAuth: true };
      expect((await raw.call('#subscribe', asked)).error).toMatchObject({ name: 'AuthError', code: 'SC_AUTH' });
      await raw.call('#authenticate', await server.scServer.signAuthToken({ exp: Math.ceil(Date.now() / 1000) + 2 }));
      expect(await raw.call('#subscribe', asked)).toEqual({ rid: 4 });
      expect(await raw.next(({ event }) => event === '#kickOut')).toEqual({
        event: '#kickOut',
        data: { channel: 'x', message: 'Subscribing to "x" needs a valid auth token', waitForAuth: true },
      });
      expect(socket.subscriptions()).toEqual([]);
      expect((await raw.call('#subscribe', asked)).error).toMatchObject({ name: 'AuthTokenExpiredError' });
    }),
  );

  it.each([
    ['a number', 7],
    ['nothing', undefined],
    ['an object without a channel', {}],
    ['a channel that is an object', { channel: { toString: 'x' } }],
    ['a name that is too long', 'x'.repeat(256)],
    ['a name with a control character', 'a\u0007b'],
    ['an empty name', ''],
  ])('refuses %s', async (_what, data) => {
    await withServer(async (server) => {
      const { raw } = await server.connect();
      expect((await raw.call('#subscribe', data)).error).toMatchObject({ code: 'SC_INVALID_FRAME' });
    })();
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'takes %s as a name like any other',
    async (name) => {
      await withServer(async (server) => {
        const { raw } = await server.connect();
        await raw.call('#subscribe', name);
        await raw.call('#publish', { channel: name, data: 1 });
        await settled(raw);
        expect(publications(raw)).toEqual([{ channel: name, data: 1 }]);
        expect(Object.keys(Object.prototype)).toEqual([]);
      })();
    },
  );

  it(
    'answers with the store’s error, and can be asked again',
    withCleanup(async (cleanup) => {
      class FlakyStore extends NdataStore {
        isDown = true;
        override open(...[channel, sink, options]: Parameters<NdataStore['open']>): ReturnType<NdataStore['open']> {
          if (!this.isDown) return super.open(channel, sink, options);
          queueMicrotask(() => sink.refused(new Error('The store is away')));
          return { close: () => Promise.resolve() };
        }
      }
      const store = cleanup.add(new FlakyStore(), (one) => one.close());
      const server = await startServer(cleanup, { store });
      const { raw, socket } = await server.connect();
      expect((await raw.call('#subscribe', 'x')).error?.message).toBe('The store is away');
      expect(socket.subscriptions()).toEqual([]);
      store.isDown = false;
      expect(await raw.call('#subscribe', 'x')).toEqual({ rid: 3 });
    }),
  );
});
