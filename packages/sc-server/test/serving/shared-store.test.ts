import { describe, expect, it } from '@jest/globals';
import { NdataStore } from 'ndata-store';
import { publications, settled, startServer, withCleanup } from './support.js';

describe('two servers on one store', () => {
  it(
    'both hear, and the one that is closed first leaves the other hearing',
    withCleanup(async (cleanup) => {
      const store = cleanup.add(new NdataStore(), (one) => one.close());
      const [first, second] = [await startServer(cleanup, { store }), await startServer(cleanup, { store })];
      const [one, other] = [(await first.connect()).raw, (await second.connect()).raw];
      const watched: unknown[] = [];
      for (const server of [first, second])
        server.scServer.exchange.subscribe('news').watch((data) => watched.push(data));
      for (const raw of [one, other]) await raw.call('#subscribe', 'news');
      await first.scServer.exchange.publish('news', 1);
      await second.scServer.exchange.publish('news', 2);
      for (const raw of [one, other]) {
        await settled(raw);
        expect(publications(raw).map(({ data }) => data)).toEqual([1, 2]);
      }
      expect(watched).toEqual([1, 1, 2, 2]);
      await second.scServer.close();
      await first.scServer.exchange.publish('news', 3);
      await settled(one);
      expect(publications(one).map(({ data }) => data)).toEqual([1, 2, 3]);
      await first.scServer.close();
      expect(store.onPayload).toBeUndefined();
      expect(store.subscriptions()).toEqual([]);
    }),
  );

  it(
    'keep a channel that a client of the other leaves',
    withCleanup(async (cleanup) => {
      const store = cleanup.add(new NdataStore(), (one) => one.close());
      const [first, second] = [await startServer(cleanup, { store }), await startServer(cleanup, { store })];
      const [one, other] = [(await first.connect()).raw, (await second.connect()).raw];
      for (const raw of [one, other]) await raw.call('#subscribe', 'news');
      await other.call('#unsubscribe', 'news');
      await second.scServer.exchange.publish('news', 1);
      await settled(one);
      expect(publications(one).map(({ data }) => data)).toEqual([1]);
      expect(publications(other)).toEqual([]);
    }),
  );
});
