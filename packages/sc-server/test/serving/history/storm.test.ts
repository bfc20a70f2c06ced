import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { startServer, withCleanup } from '../support.js';
import { numbered, positionOf, received, startWithHistory, subscribe } from './support.js';

describe('clients that return at once', () => {
  it(
    'cost no read at the end of the channel, and one for each position elsewhere; none is closed',
    withCleanup(async (cleanup) => {
      const server = await startWithHistory(cleanup, { connectionRate: 0 });
      for (let n = 1; n <= 300; n++) await server.store.publish('room/1', n);
      const { epoch } = positionOf(await server.scServer.exchange.position('room/1'));
      const starts = [300, 300, 200, 100];
      const clients = await Promise.all(
        Array.from({ length: 200 }, async (_, index) => ({
          raw: await server.positioned(),
          offset: starts[index % starts.length] ?? 0,
        })),
      );
      await subscribe(await server.positioned(), 'room/1');
      server.store.reads = 0;
      for (const { raw, offset } of clients) {
        const data = { channel: 'room/1', since: { epoch, offset }, batch: true };
        raw.sendFrame({ event: '#subscribe', data, cid: 9 });
      }
      for (let n = 301; n <= 310; n++) await server.store.publish('room/1', n);
      for (const { raw, offset } of clients) {
        expect((await raw.next(({ rid }) => rid === 9))['data']).toMatchObject({ recovered: true });
        await waitFor(() => received(raw, 'room/1').at(-1)?.[1] === 310, { what: 'the last publication' });
        expect(received(raw, 'room/1')).toEqual(numbered(offset + 1, 310));
      }
      expect(server.store.reads).toBeLessThanOrEqual(2);
      expect(server.scServer.clientsCount).toBe(201);
    }),
  );
});

describe('publications that are sent again through another worker', () => {
  it(
    'are in the stream once',
    withCleanup(async (cleanup) => {
      const one = await startWithHistory(cleanup, { inboundRate: 0 });
      const other = await startServer(cleanup, { store: one.store, inboundRate: 0 });
      const publisher = 'the secret of one client';
      const handshake = { authToken: null, client: { name: 'test', version: '1' }, features: ['dedupe'], publisher };
      const first = await one.open();
      const second = await other.open();
      await first.call('#handshake', handshake);
      await second.call('#handshake', handshake);
      const total = 500;
      for (let seq = 1; seq <= total; seq++) {
        const frame = { channel: 'room/1', data: seq, seq };
        const answer = first.call('#publish', frame);
        // Also before the first one was answered.
        if (seq % 10 === 0) await second.call('#publish', frame);
        await answer;
      }
      const { top, publications } = await one.scServer.exchange.history('room/1', { limit: 10_000 });
      expect(top).toBe(total);
      expect(publications.map(({ data }) => data)).toEqual(numbered(1, total).map(([n]) => n));
    }),
  );
});
