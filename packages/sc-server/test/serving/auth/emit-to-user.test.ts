import { describe, expect, it } from '@jest/globals';
import { NdataStore } from 'ndata-store';
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
