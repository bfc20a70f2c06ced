import { describe, expect, it } from '@jest/globals';
import { NdataStore } from 'ndata-store';
import { startServer, withCleanup } from '../support.js';

describe('the subscribers of a channel', () => {
  it(
    'are listed with their users, over all servers of the store',
    withCleanup(async (cleanup) => {
      const store = cleanup.add(new NdataStore(), (one) => one.close());
      const [first, second] = [await startServer(cleanup, { store }), await startServer(cleanup, { store })];
      const ada = await first.connect({ authToken: await first.scServer.signAuthToken({ username: 'ada' }) });
      const other = await second.connect();
      const outsider = await second.connect();
      for (const { raw } of [ada, other]) await raw.call('#subscribe', 'chat');
      await outsider.raw.call('#subscribe', 'elsewhere');
      const expected = [{ socketId: ada.socket.id, user: 'ada' }, { socketId: other.socket.id }];
      for (const { scServer } of [first, second]) {
        const listed = await scServer.subscribers('chat');
        expect(listed).toHaveLength(2);
        expect(listed).toEqual(expect.arrayContaining(expected));
      }
      await other.raw.call('#unsubscribe', 'chat');
      expect(await second.scServer.subscribers('chat')).toEqual([expected[0]]);
      expect(await first.scServer.subscribers('nobody')).toEqual([]);
      // The store is empty again.
      expect(Object.keys((await store.getAll()) ?? {})).toEqual([]);
      await expect(first.scServer.subscribers('')).rejects.toMatchObject({ code: 'SC_INVALID_ARGUMENTS' });
    }),
  );
});
