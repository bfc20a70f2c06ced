import { describe, expect, it } from '@jest/globals';
import { publications, undecided, withServer } from '../support.js';

describe('the publications that wait for the line publishOut of one client', () => {
  it(
    'may be maxPublishOutQueue; one more closes with 4011',
    withServer(
      async (server) => {
        let isWaiting = true;
        let waiting = 0;
        const decisions: (() => void)[] = [];
        server.scServer.addMiddleware('publishOut', async () => {
          waiting += 1;
          if (isWaiting) await new Promise<void>((resolve) => decisions.push(resolve));
        });
        const { raw } = await server.connect();
        await raw.call('#subscribe', 'x');
        for (let i = 0; i < 3; i++) await server.scServer.exchange.publish('x', i);
        expect(waiting).toBe(1);
        isWaiting = false;
        decisions[0]?.();
        await raw.next(({ data }) => (data as { data?: number } | undefined)?.data === 2);
        expect(publications(raw).map(({ data }) => data)).toEqual([0, 1, 2]);
        expect(server.scServer.stats().limitHits.publishOutQueue).toBe(0);

        isWaiting = true;
        for (let i = 0; i < 4; i++) await server.scServer.exchange.publish('x', i);
        expect(await raw.closed).toEqual({ code: 4011, reason: 'Slow consumer' });
        expect(server.scServer.stats().limitHits.publishOutQueue).toBe(1);
      },
      { maxPublishOutQueue: 3 },
    ),
  );

  it(
    'may be 1024 by default',
    withServer(async (server) => {
      const { raw } = await server.connect();
      await raw.call('#subscribe', 'x');
      server.scServer.addMiddleware('publishOut', undecided);
      for (let i = 0; i < 1024; i++) void server.scServer.exchange.publish('x', i);
      await raw.call('#unsubscribe', 'y');
      expect(server.scServer.stats().limitHits.publishOutQueue).toBe(0);
      void server.scServer.exchange.publish('x', 1024);
      expect(await raw.closed).toEqual({ code: 4011, reason: 'Slow consumer' });
      expect(server.scServer.stats().limitHits.publishOutQueue).toBe(1);
    }),
  );
});
