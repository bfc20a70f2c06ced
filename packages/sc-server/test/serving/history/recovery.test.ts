import { describe, expect, it } from '@jest/globals';
import type { PositionFrame } from 'sc-protocol';
import { msgpackCodec } from 'sc-protocol/msgpack';
import { waitFor, type Cleanup } from 'sc-testkit';
import type { SCServerOptions } from '../../../src/server/options.js';
import { settled, withCleanup } from '../support.js';
import { numbered, positionOf, received, startWithHistory, subscribe, type HistoryServer } from './support.js';

/** Publishes the numbers, each of which gets itself as its offset in a fresh channel. */
async function publish(server: HistoryServer, channel: string, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) await server.store.publish(channel, n);
}

function withHistory(test: (server: HistoryServer, cleanup: Cleanup) => Promise<void>, options?: SCServerOptions) {
  return withCleanup(async (cleanup) => test(await startWithHistory(cleanup, options), cleanup));
}

describe('a client that knows positions', () => {
  it(
    'gets the position with its ack, and an offset with each publication',
    withHistory(async (server) => {
      await publish(server, 'room/1', 1, 3);
      const raw = await server.positioned();
      const ack = await subscribe(raw, 'room/1');
      expect(ack).toEqual({ epoch: expect.stringMatching(/^[\w-]+\.1$/), offset: 3 });
      await publish(server, 'room/1', 4, 5);
      await settled(raw);
      expect(received(raw, 'room/1')).toEqual(numbered(4, 5));
      // A channel that keeps nothing.
      expect(await subscribe(raw, 'other')).toBeUndefined();
      await server.store.publish('other', 1);
      await settled(raw);
      expect(received(raw, 'other')).toEqual([[1, undefined]]);
    }),
  );

  it(
    'that comes back to the end of the channel is told so without a read from the store',
    withHistory(async (server) => {
      const first = await server.positioned();
      await subscribe(first, 'room/1');
      await publish(server, 'room/1', 1, 3);
      const { epoch } = await subscribe(first, 'room/1', { since: await position(server, 3) });
      server.store.reads = 0;
      const second = await server.positioned();
      expect(await subscribe(second, 'room/1', { since: { epoch, offset: 3 } })).toEqual({
        epoch,
        offset: 3,
        recovered: true,
      });
      expect(server.store.reads).toBe(0);
    }),
  );

  it.each([
    ['from the ring of the feed', true],
    ['from the store', false],
  ])('gets what it missed %s: after the ack, before what is new, once, in order', async (_where, isInRing) => {
    await withHistory(async (server) => {
      const holder = isInRing ? await server.positioned() : undefined;
      if (holder !== undefined) await subscribe(holder, 'room/1');
      await publish(server, 'room/1', 1, 10);
      const since = await position(server, 4);
      server.store.reads = 0;
      const raw = await server.positioned();
      raw.sendFrame({ event: '#subscribe', data: { channel: 'room/1', since, batch: true }, cid: 50 });
      // Published while the client is being brought up.
      const published = publish(server, 'room/1', 11, 20);
      const ack = await raw.next(({ rid }) => rid === 50);
      await published;
      await waitFor(() => received(raw, 'room/1').length >= 16, { what: 'all of them' });
      await settled(raw);
      expect(received(raw, 'room/1')).toEqual(numbered(5, 20));
      const { offset, recovered, missed } = ack['data'] as { offset: number; recovered: boolean; missed: number };
      expect({ recovered, missed }).toEqual({ recovered: true, missed: offset - 4 });
      // The ack comes first.
      expect(raw.frames.findIndex(({ rid }) => rid === 50)).toBeLessThan(
        raw.frames.findIndex(({ event }) => event === '#publish'),
      );
      expect(server.store.reads).toBe(isInRing ? 0 : 1);
    })();
  });

  it.each([
    ['of another stream', { epoch: 'another.1', offset: 3 }, 'room/1', 'epoch'],
    ['beyond the stream', { offset: 99 }, 'room/1', 'ahead'],
    ['that is no longer kept', { offset: 2 }, 'short/1', 'trimmed'],
    ['that is too far back', { offset: 0 }, 'room/1', 'tooMuch'],
    ['in a channel without history', { epoch: 'another.1', offset: 3 }, 'other', 'epoch'],
  ])('is told that a position %s cannot be followed', async (_what, since, channel, reason) => {
    await withHistory(
      async (server) => {
        await publish(server, channel, 1, 10);
        const raw = await server.positioned();
        const { epoch } = await server.scServer.exchange.position(channel);
        const ack = await subscribe(raw, channel, { since: { epoch, ...since } });
        expect(ack).toEqual({ epoch, offset: channel === 'other' ? 0 : 10, recovered: false, reason });
        await publish(server, channel, 11, 11);
        await settled(raw);
        expect(received(raw, channel)).toEqual([[11, channel === 'other' ? undefined : 11]]);
      },
      { recoverLimit: 9 },
    )();
  });

  it(
    'may begin with so many of the newest publications, or those of so many milliseconds',
    withHistory(async (server) => {
      await publish(server, 'room/1', 1, 10);
      const byCount = await server.positioned();
      expect(await subscribe(byCount, 'room/1', { rewind: 3 })).toMatchObject({ offset: 10, missed: 3 });
      const byAge = await server.positioned();
      expect(await subscribe(byAge, 'room/1', { rewind: { ms: 60_000 } })).toMatchObject({ offset: 10, missed: 10 });
      const both = await server.positioned();
      expect(await subscribe(both, 'room/1', { rewind: { ms: 60_000, count: 2 } })).toMatchObject({ missed: 2 });
      await publish(server, 'room/1', 11, 11);
      for (const [raw, from] of [
        [byCount, 8],
        [byAge, 1],
        [both, 9],
      ] as const) {
        await settled(raw);
        expect(received(raw, 'room/1')).toEqual(numbered(from, 11));
      }
    }),
  );

  it(
    'of an array gets the position of each channel as a frame',
    withHistory(async (server) => {
      await publish(server, 'room/1', 1, 2);
      const raw = await server.positioned();
      expect(await raw.call('#subscribe', [{ channel: 'room/1' }, { channel: 'other' }])).toEqual({ rid: 2 });
      const frames = raw.frames.filter(({ event }) => event === '#position');
      expect(frames).toEqual([
        { event: '#position', data: { channel: 'room/1', epoch: expect.any(String), offset: 2 } },
      ]);
      const { error } = await raw.call('#subscribe', [{ channel: 'room/2', rewind: 1 }, { channel: 'other' }]);
      expect(error).toMatchObject({ code: 'SC_INVALID_FRAME', field: 'rewind' });
    }),
  );

  it(
    'is brought up again by a subscription with since: nothing comes twice after it, and nothing is missing',
    withHistory(async (server) => {
      const raw = await server.positioned();
      await subscribe(raw, 'room/1');
      await publish(server, 'room/1', 1, 10);
      const since = await position(server, 4);
      const published = publish(server, 'room/1', 11, 30);
      raw.sendFrame({ event: '#subscribe', data: { channel: 'room/1', since }, cid: 50 });
      await raw.next(({ rid }) => rid === 50);
      const before = raw.frames.findIndex(({ rid }) => rid === 50);
      await published;
      await waitFor(() => received(raw, 'room/1').some(([, offset]) => offset === 30), { what: 'the last' });
      const after = raw.frames.slice(before).filter(({ event }) => event === '#publish');
      expect(after.map(({ data }) => (data as { offset: number }).offset)).toEqual(numbered(5, 30).map(([n]) => n));
    }),
  );

  it(
    'gets a large range in pages, and is not closed for reading slowly',
    withHistory(
      async (server) => {
        const text = 'x'.repeat(1000);
        for (let n = 1; n <= 900; n++) await server.store.publish('room/1', { n, text });
        const since = await position(server, 0);
        const raw = await server.positioned();
        const ack = await subscribe(raw, 'room/1', { since });
        expect(ack).toMatchObject({ recovered: true, missed: 900 });
        await publish(server, 'room/1', 901, 901);
        await waitFor(() => received(raw, 'room/1').length === 901, { what: 'all of them' });
        expect(received(raw, 'room/1').map(([, offset]) => offset)).toEqual(numbered(1, 901).map(([n]) => n));
      },
      { maxPendingBytes: 100_000 },
    ),
  );

  it(
    'gets the same in MessagePack',
    withHistory(
      async (server) => {
        await publish(server, 'room/1', 1, 5);
        const raw = await server.positioned({ codec: msgpackCodec, protocols: ['socketcluster.msgpack'] });
        expect(await subscribe(raw, 'room/1', { since: await position(server, 2) })).toMatchObject({ missed: 3 });
        await publish(server, 'room/1', 6, 6);
        await settled(raw);
        expect(received(raw, 'room/1')).toEqual(numbered(3, 6));
      },
      { codecs: [msgpackCodec] },
    ),
  );

  it(
    'is told when the stream was lost while it was connected, once for each channel',
    withHistory(async (server) => {
      const raw = await server.positioned();
      await subscribe(raw, 'room/1');
      await publish(server, 'room/1', 1, 3);
      await server.store.removeStream('room/1');
      await publish(server, 'room/1', 4, 4);
      await settled(raw);
      const positions = raw.frames
        .filter(({ event }) => event === '#position')
        .map(({ data }) => data as PositionFrame);
      expect(positions).toEqual([{ channel: 'room/1', epoch: expect.any(String), offset: 0 }]);
      expect(received(raw, 'room/1').at(-1)).toEqual([4, 1]);
      expect((await server.scServer.exchange.position('room/1')).epoch).toBe(positions[0]?.epoch);
    }),
  );

  it(
    'gets nothing from before when the line "subscribe" deletes its position, and is told that it is incomplete',
    withHistory(async (server) => {
      server.scServer.addMiddleware('subscribe', (context) => {
        delete context.since;
        delete context.rewind;
      });
      await publish(server, 'room/1', 1, 5);
      const raw = await server.positioned();
      expect(await subscribe(raw, 'room/1', { since: await position(server, 2) })).toMatchObject({
        offset: 5,
        recovered: false,
        reason: 'trimmed',
      });
      const second = await server.positioned();
      expect(await subscribe(second, 'room/1', { rewind: 3 })).toEqual({ epoch: expect.any(String), offset: 5 });
      await settled(second);
      expect([received(raw, 'room/1'), received(second, 'room/1')]).toEqual([[], []]);
    }),
  );

  it(
    'passes the line "publishOut" with what it missed, and is told the position of what the line drops',
    withHistory(async (server) => {
      server.scServer.addMiddleware('publishOut', async (context) => {
        await Promise.resolve();
        if ((context.data as number) % 2 === 0) throw new Error('Even');
        context.data = `odd ${context.data as number}`;
      });
      await publish(server, 'room/1', 1, 4);
      const raw = await server.positioned();
      const since = await position(server, 1);
      expect(await subscribe(raw, 'room/1', { since })).toMatchObject({ missed: 3 });
      await publish(server, 'room/1', 5, 6);
      await waitFor(() => raw.frames.filter(({ event }) => event === '#position').length === 3, { what: 'the last' });
      const seen = raw.frames
        .filter(({ event }) => event === '#publish' || event === '#position')
        .map(({ event, data }) => [event, (data as { offset: number }).offset, (data as { data?: unknown }).data]);
      expect(seen).toEqual([
        ['#position', 2, undefined],
        ['#publish', 3, 'odd 3'],
        ['#position', 4, undefined],
        ['#publish', 5, 'odd 5'],
        ['#position', 6, undefined],
      ]);
    }),
  );

  it(
    'gets nothing more once it was kicked out while it was brought up',
    withHistory(
      async (server) => {
        const text = 'x'.repeat(1000);
        for (let n = 1; n <= 500; n++) await server.store.publish('room/1', { n, text });
        const raw = await server.positioned();
        server.scServer.on('connection', () => undefined);
        const [socket] = Object.values(server.scServer.clients);
        socket?.on('subscribe', () => socket.kickOut('room/1', 'Out'));
        const since = await position(server, 0);
        await subscribe(raw, 'room/1', { since });
        await raw.next(({ event }) => event === '#kickOut');
        const count = received(raw, 'room/1').length;
        await publish(server, 'room/1', 501, 502);
        await settled(raw);
        expect(received(raw, 'room/1')).toHaveLength(count);
        expect(count).toBeLessThan(500);
        expect(socket?.subscriptions()).toEqual([]);
      },
      { maxPendingBytes: 50_000 },
    ),
  );
});

describe('a channel that keeps its last value', () => {
  it(
    'gives it to every subscriber, of older generations too, as one ordinary publication after the ack',
    withHistory(async (server) => {
      await publish(server, 'price/x', 1, 3);
      const old = await server.open();
      await old.handshake();
      expect(await old.call('#subscribe', { channel: 'price/x' })).toEqual({ rid: 2 });
      const since = { epoch: (await server.scServer.exchange.position('price/x')).epoch, offset: 1 };
      const raw = await server.positioned();
      expect(await subscribe(raw, 'price/x', { since })).toMatchObject({
        recovered: false,
        reason: 'trimmed',
        missed: 1,
      });
      await publish(server, 'price/x', 4, 4);
      for (const one of [old, raw]) {
        await settled(one);
        expect(received(one, 'price/x')).toEqual(numbered(3, 4));
      }
    }),
  );

  it(
    'gives nothing before the first value',
    withHistory(async (server) => {
      const raw = await server.positioned();
      expect(await subscribe(raw, 'price/x')).toMatchObject({ offset: 0 });
      await publish(server, 'price/x', 1, 1);
      await settled(raw);
      expect(received(raw, 'price/x')).toEqual(numbered(1, 1));
    }),
  );
});

describe('a client of an older generation', () => {
  it(
    'sees an offset more in a publication, and nothing else',
    withHistory(async (server) => {
      const raw = await server.open();
      await raw.handshake();
      const since = { epoch: 'x.1', offset: 1 };
      expect(await raw.call('#subscribe', { channel: 'room/1', since, rewind: 5 })).toEqual({ rid: 2 });
      await publish(server, 'room/1', 1, 2);
      await server.store.removeStream('room/1');
      await publish(server, 'room/1', 3, 3);
      await settled(raw);
      expect(raw.frames.slice(2).filter(({ event }) => event !== undefined)).toEqual([
        { event: '#publish', data: { channel: 'room/1', offset: 1, epoch: expect.any(String), data: 1 } },
        { event: '#publish', data: { channel: 'room/1', offset: 2, data: 2 } },
        { event: '#publish', data: { channel: 'room/1', offset: 1, epoch: expect.any(String), data: 3 } },
      ]);
    }),
  );
});

/** The position of an offset in `room/1`. */
async function position(server: HistoryServer, offset: number): Promise<{ epoch: string; offset: number }> {
  return { ...positionOf(await server.scServer.exchange.position('room/1')), offset };
}
