import { describe, expect, it } from '@jest/globals';
import { NdataStore } from 'ndata-store';
import { jsonCodec } from 'sc-protocol';
import { msgpackCodec } from 'sc-protocol/msgpack';
import { settled, startServer, withCleanup, withServer } from '../support.js';

describe('an event to a user', () => {
  it(
    'reaches every open socket of the user, on every server of the store, and nobody else',
    withCleanup(async (cleanup) => {
      const store = cleanup.add(new NdataStore(), (one) => one.close());
      const [first, second] = [await startServer(cleanup, { store }), await startServer(cleanup, { store })];
      const authToken = await first.scServer.signAuthToken({ username: 'ada' });
      const adas = [await first.connect({ authToken }), await second.connect({ authToken })];
      const bob = await second.connect({ authToken: await first.scServer.signAuthToken({ username: 'bob' }) });
      const nobody = await first.connect();
      await second.scServer.emitToUser('ada', 'invoice', { number: 7, pdf: new Uint8Array([1, 2]) });
      for (const { raw } of adas) {
        expect(await raw.next(({ event }) => event === 'invoice')).toEqual({
          event: 'invoice',
          data: { number: 7, pdf: new Uint8Array([1, 2]) },
        });
      }
      for (const { raw } of [bob, nobody]) {
        await settled(raw);
        expect(raw.frames.filter(({ event }) => event === 'invoice')).toEqual([]);
      }
    }),
  );

  it(
    'carries bytes and nested data as the event of one socket does, to clients of every codec, of users and of sessions',
    withServer(
      async ({ scServer, connect }) => {
        const authToken = await scServer.signAuthToken({ username: 'ada' });
        let deep: unknown = new Uint8Array([7]);
        for (let i = 0; i < 63; i++) deep = [deep];
        const values = [new Uint8Array([1, 2]), { pdf: Buffer.from([3]), at: new Date(0) }, deep];
        for (const codec of [jsonCodec, msgpackCodec]) {
          const protocols = codec === jsonCodec ? [] : ['socketcluster.msgpack'];
          const { raw, socket } = await connect({ authToken, codec, protocols });
          for (const data of values) {
            socket.emit('event', data);
            await scServer.emitToUser('ada', 'event', data);
            await socket.session?.emit('event', data);
          }
          await settled(raw);
          const received = raw.frames.filter(({ event }) => event === 'event').map(({ data }) => data);
          expect(received).toHaveLength(values.length * 3);
          for (let i = 0; i < received.length; i += 3) {
            expect([received[i + 1], received[i + 2]]).toEqual([received[i], received[i]]);
          }
          raw.terminate();
          await raw.closed;
        }
      },
      { codecs: [msgpackCodec], sessions: true },
    ),
  );

  it(
    'that a worker cannot send rejects, and reaches the sockets of the others and of the same worker',
    withCleanup(async (cleanup) => {
      const store = cleanup.add(new NdataStore(), (one) => one.close());
      const [failing, well] = [await startServer(cleanup, { store }), await startServer(cleanup, { store })];
      const authToken = await failing.scServer.signAuthToken({ username: 'ada' });
      let failures = 1;
      const sameWorker = await failing.connect({ authToken });
      const isInvoice = (frame: unknown): boolean => (frame as { event?: string }).event === 'invoice';
      failing.scServer.setCodecEngine({
        ...jsonCodec,
        encode: (frame) => {
          if (isInvoice(frame) && failures-- > 0) throw new Error('No more paper');
          return jsonCodec.encode(frame);
        },
      });
      const unlucky = await failing.connect({ authToken });
      const other = await well.connect({ authToken });
      await expect(well.scServer.emitToUser('ada', 'invoice', 1)).rejects.toMatchObject({
        code: 'SC_ORDER',
        failed: 1,
        message: expect.stringContaining('"invoice"') as unknown as string,
      });
      for (const { raw } of [sameWorker, other]) await raw.next(({ event }) => event === 'invoice');
      await settled(unlucky.raw);
      expect(unlucky.raw.frames.filter(isInvoice)).toEqual([]);
      expect(failing.log.map(({ message }) => message)).toContain(
        'An order of the kind "user" could not be carried out',
      );
      await well.scServer.disconnectUser('ada');
      for (const { raw } of [sameWorker, unlucky, other]) await raw.closed;
    }),
  );

  it(
    'has no data when none is given, and follows a logout',
    withServer(async ({ scServer, connect }) => {
      const { raw, socket } = await connect({ authToken: await scServer.signAuthToken({ username: 'ada' }) });
      await scServer.emitToUser('ada', 'ping');
      expect(await raw.next(({ event }) => event === 'ping')).toEqual({ event: 'ping' });
      socket.removeAuthToken();
      await scServer.emitToUser('ada', 'late');
      await settled(raw);
      expect(raw.frames.map(({ event }) => event)).not.toContain('late');
    }),
  );

  it.each([
    ['a name that is reserved', 'kickOut', 1],
    ['an empty name', '', 1],
    ['data that cannot be encoded', 'deep', 1n],
  ])('rejects with InvalidArgumentsError for %s', async (_what, event, data) => {
    await withServer(async ({ scServer }) => {
      await expect(scServer.emitToUser('ada', event, data)).rejects.toMatchObject({ code: 'SC_INVALID_ARGUMENTS' });
    })();
  });
});
