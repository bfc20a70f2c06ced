import { describe, expect, it } from '@jest/globals';
import { waitFor, type RawSocket } from 'sc-testkit';
import { startServer, withCleanup } from '../support.js';
import { numbered, positionOf, received, startWithHistory, subscribe } from './support.js';

/** `STORM_CLIENTS=10000 STORM_PUBLICATIONS=100000` is the full size. */
const clientCount = Number(process.env['STORM_CLIENTS'] ?? 200);
const publicationCount = Number(process.env['STORM_PUBLICATIONS'] ?? 500);
const timeoutMs = 60_000 + clientCount * 30 + publicationCount * 10;

describe('clients that return at once', () => {
  it(
    'cost no read at the end of the channel, and one for each position elsewhere; none is closed',
    withCleanup(async (cleanup) => {
      const server = await startWithHistory(cleanup, { connectionRate: 0 });
      for (let n = 1; n <= 300; n++) await server.store.publish('room/1', n);
      const { epoch } = positionOf(await server.scServer.exchange.position('room/1'));
      const starts = [300, 200, 300, 100];
      const clients: { readonly raw: RawSocket; readonly offset: number }[] = [];
      while (clients.length < clientCount) {
        const offset = starts[clients.length % starts.length] ?? 0;
        const more = Array.from({ length: Math.min(100, clientCount - clients.length) }, () => server.positioned());
        for (const raw of await Promise.all(more)) clients.push({ raw, offset });
      }
      await subscribe(await server.positioned(), 'room/1');
      server.store.reads = 0;
      for (const { raw, offset } of clients) {
        const data = { channel: 'room/1', since: { epoch, offset }, batch: true };
        raw.sendFrame({ event: '#subscribe', data, cid: 9 });
      }
      for (let n = 301; n <= 310; n++) await server.store.publish('room/1', n);
      for (const { raw, offset } of clients) {
        const { data } = await raw.next(({ rid }) => rid === 9, { deadlineMs: timeoutMs });
        expect(data).toMatchObject({ recovered: true });
        const isLive = (): boolean => received(raw, 'room/1').at(-1)?.[1] === 310;
        await waitFor(isLive, { what: 'the last publication', deadlineMs: timeoutMs });
        expect(received(raw, 'room/1')).toEqual(numbered(offset + 1, 310));
      }
      expect(server.store.reads).toBeLessThanOrEqual(2);
      expect(server.scServer.clientsCount).toBe(clientCount + 1);
    }),
    timeoutMs,
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
      const data: unknown[] = [];
      for (let seq = 1; seq <= publicationCount;) {
        const first = await one.open();
        const second = await other.open();
        await first.call('#handshake', handshake);
        await second.call('#handshake', handshake);
        const end = Math.min(seq + 1000, publicationCount + 1);
        for (; seq < end; seq++) {
          const frame = { channel: 'room/1', data: seq, seq };
          const answer = first.call('#publish', frame);
          // Also before the first one was answered.
          if (seq % 10 === 0) await second.call('#publish', frame);
          await answer;
        }
        first.terminate();
        second.terminate();
        // The stream keeps fewer than there are at full size.
        const { publications } = await one.scServer.exchange.history('room/1', { limit: 10_000 });
        data.push(...publications.filter(({ offset }) => offset > data.length).map((publication) => publication.data));
      }
      expect(await one.scServer.exchange.position('room/1')).toMatchObject({ offset: publicationCount });
      expect(data).toEqual(numbered(1, publicationCount).map(([n]) => n));
    }),
    timeoutMs,
  );
});
