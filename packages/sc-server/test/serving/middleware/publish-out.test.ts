import { describe, expect, it } from '@jest/globals';
import type { Next } from '../../../src/socket/middleware-contexts.js';
import type { SCSocket } from '../../../src/socket/sc-socket.js';
import { publications, settled, undecided, withServer } from '../support.js';

describe('the middleware line publishOut', () => {
  it(
    'runs for each subscriber, and drops silently for those it refuses',
    withServer(async (server) => {
      const [alice, bob] = [await server.connect(), await server.connect()];
      for (const { raw } of [alice, bob]) await raw.call('#subscribe', 'x');
      server.scServer.addMiddleware(
        server.scServer.MIDDLEWARE_PUBLISH_OUT,
        (socket: SCSocket, _channel: string, _data: unknown, next: Next) => {
          next(socket === alice.socket);
        },
      );
      await server.scServer.exchange.publish('x', 1);
      await bob.raw.next(({ event }) => event === '#publish');
      await settled(alice.raw);
      expect(publications(alice.raw)).toEqual([]);
      expect(publications(bob.raw)).toEqual([{ channel: 'x', data: 1 }]);
      expect(server.log).toEqual([]);
    }),
  );

  it(
    'lets a function of (req, next) and one of a context change the data for one subscriber',
    withServer(async (server) => {
      const [alice, bob] = [await server.connect(), await server.connect()];
      for (const { raw } of [alice, bob]) await raw.call('#subscribe', 'x');
      server.scServer.addMiddleware('publishOut', (req, next) => {
        if (req.socket === alice.socket) req.data = 'for alice';
        next();
      });
      server.scServer.addMiddleware('publishOut', async (context) => {
        context.data = [context.data];
      });
      await server.scServer.exchange.publish('x', 1);
      await alice.raw.next(({ event }) => event === '#publish');
      await bob.raw.next(({ event }) => event === '#publish');
      expect(publications(alice.raw)).toEqual([{ channel: 'x', data: ['for alice'] }]);
      expect(publications(bob.raw)).toEqual([{ channel: 'x', data: [1] }]);
    }),
  );

  it(
    'keeps the order for each subscriber',
    withServer(async (server) => {
      const { raw } = await server.connect();
      await raw.call('#subscribe', ['x', 'y']);
      server.scServer.addMiddleware('publishOut', async ({ data }) => {
        await new Promise((resolve) => setTimeout(resolve, (Number(data) % 3) * 2));
      });
      for (let i = 0; i < 20; i++) void server.scServer.exchange.publish(i % 2 === 0 ? 'x' : 'y', i);
      await raw.next(({ data }) => (data as { data?: unknown } | undefined)?.data === 19);
      expect(publications(raw).map(({ data }) => data)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    }),
  );

  it(
    'delivers nothing to a subscriber that left while a function decided',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      await raw.call('#subscribe', 'x');
      let allow = (): void => undefined;
      const asked = new Promise<void>((resolve) => {
        server.scServer.addMiddleware('publishOut', (_req, next) => {
          allow = () => next();
          resolve();
        });
      });
      void server.scServer.exchange.publish('x', 1);
      await asked;
      socket.kickOut('x');
      allow();
      await settled(raw);
      expect(publications(raw)).toEqual([]);
    }),
  );

  it(
    'logs data that cannot be encoded, and goes on',
    withServer(async (server) => {
      const { raw } = await server.connect();
      await raw.call('#subscribe', 'x');
      server.scServer.addMiddleware('publishOut', (context) => {
        if (context.data === 1) context.data = 1n;
      });
      void server.scServer.exchange.publish('x', 1);
      void server.scServer.exchange.publish('x', 2);
      await raw.next(({ event }) => event === '#publish');
      expect(publications(raw)).toEqual([{ channel: 'x', data: 2 }]);
      expect(server.log.map(({ message }) => message)).toEqual([
        'What the middleware line "publishOut" made of a publication cannot be encoded',
      ]);
    }),
  );

  it(
    'gives up a subscriber whose functions let more than 1024 publications wait',
    withServer(async (server) => {
      const { raw } = await server.connect();
      await raw.call('#subscribe', 'x');
      server.scServer.addMiddleware('publishOut', undecided);
      for (let i = 0; i <= 1024; i++) void server.scServer.exchange.publish('x', i);
      expect(await raw.closed).toEqual({ code: 4011, reason: 'Slow consumer' });
      expect(server.scServer.stats().limitHits.publishOutQueue).toBe(1);
    }),
  );
});
