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
    'gives each subscriber data of its own, which it may change in place',
    withServer(async (server) => {
      const roles = ['user', 'admin', 'guest'];
      const clients = await Promise.all(roles.map(() => server.connect()));
      for (const { raw } of clients) await raw.call('#subscribe', 'x');
      server.scServer.addMiddleware('publishOut', async (context) => {
        const data = context.data as { for?: string; salary?: number };
        data.for = roles[clients.findIndex(({ socket }) => socket === context.socket)] ?? '';
        if (data.for !== 'admin') delete data.salary;
        await Promise.resolve();
      });
      await server.scServer.exchange.publish('x', { salary: 100 });
      for (const { raw } of clients) await raw.next(({ event }) => event === '#publish');
      expect(clients.map(({ raw }) => publications(raw)[0]?.data)).toEqual([
        { for: 'user' },
        { salary: 100, for: 'admin' },
        { for: 'guest' },
      ]);
    }),
  );

  it(
    'keeps the order when it is added and removed while publications wait',
    withServer(async (server) => {
      const { raw } = await server.connect();
      await raw.call('#subscribe', 'x');
      const { exchange } = server.scServer;
      let release = (): void => undefined;
      const slow = async () => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      };
      const sent: Promise<unknown>[] = [exchange.publish('x', 0)];
      await sent[0];
      server.scServer.addMiddleware('publishOut', slow);
      sent.push(exchange.publish('x', 1), exchange.publish('x', 2));
      await Promise.all(sent);
      server.scServer.removeMiddleware('publishOut', slow);
      await exchange.publish('x', 3);
      release();
      await raw.next(({ data }) => (data as { data?: unknown } | undefined)?.data === 3);
      await exchange.publish('x', 4);
      await raw.next(({ data }) => (data as { data?: unknown } | undefined)?.data === 4);
      expect(publications(raw).map(({ data }) => data)).toEqual([0, 1, 2, 3, 4]);
    }),
  );

  it(
    'delivers nothing of an earlier subscription into a later one',
    withServer(async (server) => {
      const { raw } = await server.connect();
      await raw.call('#subscribe', 'x');
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      server.scServer.addMiddleware('publishOut', async ({ data }) => {
        if (data === 'old') await held;
      });
      await server.scServer.exchange.publish('x', 'old');
      await server.scServer.exchange.publish('x', 'old, behind it');
      await raw.call('#unsubscribe', 'x');
      await raw.call('#subscribe', 'x');
      release();
      await server.scServer.exchange.publish('x', 'new');
      await raw.next(({ data }) => (data as { data?: unknown } | undefined)?.data === 'new');
      expect(publications(raw).map(({ data }) => data)).toEqual(['new']);
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
        'The publication cannot be encoded after the middleware line "publishOut"',
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
