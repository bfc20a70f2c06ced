import { describe, expect, it } from '@jest/globals';
import { publications, settled, withServer } from '../support.js';

describe('a server with secure: true', () => {
  it(
    'denies subscribing and publishing until middleware allows it',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        const expected = { name: 'InvalidActionError', code: 'SC_INVALID_ACTION' };
        for (const frame of ['x', ['x'], { channel: 'x' }]) {
          expect((await raw.call('#subscribe', frame)).error).toMatchObject(expected);
        }
        expect((await raw.call('#publish', { channel: 'x' })).error).toMatchObject(expected);
        expect(socket.subscriptions()).toEqual([]);
        server.scServer.addMiddleware('subscribe', ({ channel }) => {
          if (channel !== 'x') throw new Error('no');
        });
        server.scServer.addMiddleware('publishIn', () => undefined);
        expect(await raw.call('#subscribe', 'x')).toEqual({ rid: 6 });
        expect(await raw.call('#publish', { channel: 'x', data: 1 })).toEqual({ rid: 7 });
        await settled(raw);
        expect(publications(raw)).toEqual([{ channel: 'x', data: 1 }]);
      },
      { secure: true },
    ),
  );

  it(
    'lets the server publish to clients that it subscribed through the line',
    withServer(
      async (server) => {
        server.scServer.addMiddleware('subscribe', () => undefined);
        const { raw } = await server.connect();
        await raw.call('#subscribe', 'x');
        await server.scServer.exchange.publish('x', 1);
        await settled(raw);
        expect(publications(raw)).toEqual([{ channel: 'x', data: 1 }]);
      },
      { secure: true },
    ),
  );
});
