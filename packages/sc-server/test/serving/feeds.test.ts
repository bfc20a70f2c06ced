import { describe, expect, it } from '@jest/globals';
import { NdataStore } from 'ndata-store';
import { waitFor } from 'sc-testkit';
import { nextFeedState, type FeedEvent, type FeedState } from '../../src/channels/feed-state.js';
import { startServer, withCleanup } from './support.js';

/** A store whose link loses publications while it is told to. */
class LossyStore extends NdataStore {
  isLosing = false;
  override open(...[channel, sink, options]: Parameters<NdataStore['open']>): ReturnType<NdataStore['open']> {
    const lossy = {
      subscribed: sink.subscribed.bind(sink),
      publication: (publication: Parameters<typeof sink.publication>[0]) => {
        if (!this.isLosing) sink.publication(publication);
      },
      lost: sink.lost.bind(sink),
      interrupted: sink.interrupted.bind(sink),
      refused: sink.refused.bind(sink),
    };
    return super.open(channel, lossy, options);
  }
}

describe('the feed of a channel', () => {
  it.each<[FeedState, FeedEvent, FeedState | undefined]>([
    ['joining', 'subscribed', 'live'],
    ['joining', 'interrupted', 'joining'],
    ['joining', 'gap', undefined],
    ['live', 'subscribed', undefined],
    ['live', 'gap', 'healing'],
    ['live', 'interrupted', 'healing'],
    ['healing', 'subscribed', 'live'],
    ['healing', 'gap', undefined],
    ['healing', 'interrupted', 'healing'],
    ['joining', 'close', 'closed'],
    ['live', 'close', 'closed'],
    ['healing', 'close', 'closed'],
    ['closed', 'subscribed', undefined],
    ['closed', 'gap', undefined],
    ['closed', 'interrupted', undefined],
    ['closed', 'close', undefined],
  ])('is %s, and after "%s" it is %s', (state, event, next) => {
    expect(nextFeedState(state, event)).toBe(next);
  });

  it(
    'reports how many publications of a channel without a stream are missing: by event, log and counter',
    withCleanup(async (cleanup) => {
      const store = cleanup.add(new LossyStore(), (one) => one.close());
      const server = await startServer(cleanup, { store });
      const { exchange } = server.scServer;
      const got: unknown[] = [];
      const lost: unknown[] = [];
      exchange.on('publicationsLost', (...args) => lost.push(args));
      const channel = exchange.subscribe('news');
      channel.watch((data) => void got.push(data));
      await waitFor(() => channel.isSubscribed(), { what: 'the subscription' });
      await exchange.publish('news', 1);
      store.isLosing = true;
      for (const data of [2, 3, 4]) await exchange.publish('news', data);
      store.isLosing = false;
      await exchange.publish('news', 5);
      await waitFor(() => got.includes(5), { what: 'the last' });
      expect(got).toEqual([1, 5]);
      expect(lost).toEqual([['news', 3]]);
      expect(server.scServer.stats()).toMatchObject({ lostPublications: 3, unknownGaps: 0 });
      await waitFor(() => server.log.some(({ message }) => message.startsWith('Publications did not')), {
        what: 'the log entry',
      });
    }),
  );

  it(
    'fetches what is missing from the stream of the channel, in order and each once',
    withCleanup(async (cleanup) => {
      const store = cleanup.add(
        new LossyStore({ channels: { news: { history: { size: 100, ageMs: 60_000 } } } }),
        (one) => one.close(),
      );
      const server = await startServer(cleanup, { store });
      const { exchange } = server.scServer;
      const got: unknown[] = [];
      await store.publish('news', 0);
      const channel = exchange.subscribe('news');
      channel.watch((data) => void got.push(data));
      await waitFor(() => channel.isSubscribed(), { what: 'the subscription' });
      await store.publish('news', 1);
      store.isLosing = true;
      for (const data of [2, 3, 4]) await store.publish('news', data);
      store.isLosing = false;
      for (const data of [5, 6]) await store.publish('news', data);
      await waitFor(() => got.includes(6), { what: 'the last' });
      expect(got).toEqual([1, 2, 3, 4, 5, 6]);
      expect(server.scServer.stats()).toMatchObject({ lostPublications: 0, unknownGaps: 0 });
    }),
  );
});
