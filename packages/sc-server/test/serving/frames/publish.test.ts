import { describe, expect, it } from '@jest/globals';
import { NdataStore } from 'ndata-store';
import { publications, settled, startServer, withCleanup, withServer } from '../support.js';

describe('the frame #publish', () => {
  it(
    'reaches every subscriber, the publisher included, and is acked',
    withServer(async (server) => {
      const [alice, bob, carol] = [await server.connect(), await server.connect(), await server.connect()];
      for (const { raw } of [alice, bob]) await raw.call('#subscribe', 'x');
      expect(await alice.raw.call('#publish', { channel: 'x', data: { n: 1 } })).toEqual({ rid: 3 });
      await bob.raw.next(({ event }) => event === '#publish');
      await settled(carol.raw);
      expect(publications(alice.raw)).toEqual([{ channel: 'x', data: { n: 1 } }]);
      expect(publications(bob.raw)).toEqual([{ channel: 'x', data: { n: 1 } }]);
      expect(publications(carol.raw)).toEqual([]);
    }),
  );

  it.each([[null], [0], [''], [false], [[]], [{ a: [1, { b: null }] }], ['ünïcödé 🎈'], ['\ud800 lone']])(
    'carries %j as it is',
    async (data) => {
      await withServer(async (server) => {
        const { raw } = await server.connect();
        await raw.call('#subscribe', 'x');
        raw.emit('#publish', { channel: 'x', data });
        await raw.next(({ event }) => event === '#publish');
        expect(publications(raw)).toEqual([{ channel: 'x', data }]);
      })();
    },
  );

  it(
    'may have no data',
    withServer(async (server) => {
      const { raw } = await server.connect();
      await raw.call('#subscribe', 'x');
      raw.emit('#publish', { channel: 'x' });
      await raw.next(({ event }) => event === '#publish');
      expect(publications(raw)).toEqual([{ channel: 'x' }]);
    }),
  );

  it(
    'is refused when clients may not publish',
    withServer(
      async (server) => {
        const { raw } = await server.connect();
        await raw.call('#subscribe', 'x');
        expect((await raw.call('#publish', { channel: 'x' })).error).toEqual({
          name: 'InvalidActionError',
          message: 'Client publish feature is disabled',
          code: 'SC_INVALID_ACTION',
        });
        await settled(raw);
        expect(publications(raw)).toEqual([]);
      },
      { allowClientPublish: false },
    ),
  );

  it.each([[undefined], [null], ['x'], [{}], [{ channel: 7 }], [{ channel: '' }]])('refuses %j', async (data) => {
    await withServer(async (server) => {
      const { raw } = await server.connect();
      expect((await raw.call('#publish', data)).error).toMatchObject({ code: 'SC_INVALID_FRAME' });
    })();
  });

  it(
    'answers with the store’s error; without a call id the log has it',
    withCleanup(async (cleanup) => {
      class DeafStore extends NdataStore {
        override publishPayload(): Promise<undefined> {
          return Promise.reject(new Error('The store is away'));
        }
        override publishWithoutAck(): void {
          throw new Error('The store is away');
        }
      }
      const server = await startServer(cleanup, { store: cleanup.add(new DeafStore(), (one) => one.close()) });
      const { raw } = await server.connect();
      expect((await raw.call('#publish', { channel: 'x' })).error?.message).toBe('The store is away');
      raw.emit('#publish', { channel: 'x' });
      await settled(raw);
      expect(server.log.map(({ level, message }) => [level, message])).toEqual([
        ['warn', 'A publication to "x" failed'],
      ]);
    }),
  );
});
