import { describe, expect, it } from '@jest/globals';
import type { Next } from '../../../src/socket/middleware-contexts.js';
import type { SCSocket } from '../../../src/socket/sc-socket.js';
import { publications, settled, withServer } from '../support.js';

describe('the middleware line publishIn', () => {
  it(
    'lets a function of (socket, channel, data, next) allow and refuse',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const seen: unknown[] = [];
      server.scServer.addMiddleware(
        server.scServer.MIDDLEWARE_PUBLISH_IN,
        (who: SCSocket, channel: string, data: unknown, next: Next) => {
          seen.push([who === socket, channel, data]);
          next(channel === 'readonly' ? new Error('Denied: readonly') : undefined);
        },
      );
      await raw.call('#subscribe', ['open', 'readonly']);
      expect(await raw.call('#publish', { channel: 'open', data: 1 })).toEqual({ rid: 3 });
      expect((await raw.call('#publish', { channel: 'readonly', data: 2 })).error?.message).toBe('Denied: readonly');
      await settled(raw);
      expect(publications(raw)).toEqual([{ channel: 'open', data: 1 }]);
      expect(seen).toEqual([
        [true, 'open', 1],
        [true, 'readonly', 2],
      ]);
    }),
  );

  it(
    'lets a function of (req, next) change the data and answer with data of its own',
    withServer(async (server) => {
      const { raw } = await server.connect();
      server.scServer.addMiddleware(server.scServer.MIDDLEWARE_PUBLISH, (req, next) => {
        req.data = { was: req.data };
        req.ackData = { id: 7 };
        next();
      });
      await raw.call('#subscribe', 'x');
      expect(await raw.call('#publish', { channel: 'x', data: 1 })).toEqual({ rid: 3, data: { id: 7 } });
      await settled(raw);
      expect(publications(raw)).toEqual([{ channel: 'x', data: { was: 1 } }]);
    }),
  );

  it(
    'takes an async function of one context',
    withServer(async (server) => {
      const { raw } = await server.connect();
      server.scServer.addMiddleware('publishIn', async ({ channel }) => {
        await Promise.resolve();
        if (channel === 'closed') throw new Error('closed');
      });
      expect(await raw.call('#publish', { channel: 'open' })).toEqual({ rid: 2 });
      expect((await raw.call('#publish', { channel: 'closed' })).error?.message).toBe('closed');
    }),
  );

  it(
    'tells the publisher when the answer or the data it was given cannot be encoded',
    withServer(async (server) => {
      const { raw } = await server.connect();
      const cycle: unknown[] = [];
      cycle.push(cycle);
      server.scServer.addMiddleware('publishIn', (context) => {
        if (context.channel === 'data') context.data = cycle;
        else context.ackData = 1n;
      });
      expect((await raw.call('#publish', { channel: 'ack' })).error?.message).toBe('The answer could not be encoded');
      expect((await raw.call('#publish', { channel: 'data' })).error).toBeDefined();
      expect((await raw.call('#unsubscribe', 'x')).error).toBeUndefined();
    }),
  );

  it(
    'does not see what the server itself publishes',
    withServer(async (server) => {
      const { raw } = await server.connect();
      server.scServer.addMiddleware('publishIn', () => {
        throw new Error('no');
      });
      await raw.call('#subscribe', 'x');
      await server.scServer.exchange.publish('x', 1);
      await settled(raw);
      expect(publications(raw)).toEqual([{ channel: 'x', data: 1 }]);
    }),
  );

  it(
    'keeps the order of a publisher whose publications take different times',
    withServer(async (server) => {
      const { raw } = await server.connect();
      server.scServer.addMiddleware('publishIn', async ({ data }) => {
        await new Promise((resolve) => setTimeout(resolve, (Number(data) % 3) * 2));
      });
      await raw.call('#subscribe', 'x');
      for (let data = 0; data < 20; data++) raw.emit('#publish', { channel: 'x', data });
      await settled(raw);
      await settled(raw);
      expect(publications(raw).map(({ data }) => data)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    }),
  );
});
