import { describe, expect, it } from '@jest/globals';
import { NdataStore, type Store } from 'ndata-store';
import { waitFor, type Cleanup, type RawSocket } from 'sc-testkit';
import type { SCServerOptions } from '../../../src/server/options.js';
import { publications, startServer, withCleanup, type TestServer } from '../support.js';
import { lateStore, moveAll } from './harness.js';

const random = (most: number) => Math.floor(Math.random() * most);

async function startPair(
  cleanup: Cleanup,
  late: readonly [number, number],
  channels: SCServerOptions['channels'],
): Promise<[TestServer, TestServer, Store]> {
  const store = cleanup.add(new NdataStore({ ...(channels && { channels }) }), (one) => one.close());
  const start = (ms: number) => startServer(cleanup, { store: ms === 0 ? store : lateStore(store, () => random(ms)) });
  return [await start(late[0]), await start(late[1]), store];
}

const numbersOf = (raw: RawSocket, channel: string) =>
  publications(raw)
    .filter((one) => one.channel === channel)
    .map(({ data }) => data);

describe('Publications while sockets move', () => {
  const lags: readonly [string, readonly [number, number]][] = [
    ['with workers that are equally fast', [0, 0]],
    ['to a worker that is behind', [0, 12]],
    ['from a worker that is behind', [12, 0]],
    ['between two that are behind', [8, 8]],
  ];
  const kinds: readonly [string, SCServerOptions['channels'], boolean][] = [
    ['of channels that keep nothing', { '*': { history: false } }, false],
    ['of channels that keep a history', { '*': { history: { size: 50, ageMs: 60_000 } } }, false],
    ['that pass middleware', { '*': { history: false } }, true],
  ];
  it.each(
    kinds.flatMap(([kind, channels, isFiltered]) =>
      lags.map(([lag, late]) => ({ kind, lag, channels, isFiltered, late })),
    ),
  )(
    '$kind reach each subscriber once and in order, $lag',
    async ({ channels, isFiltered, late }) =>
      withCleanup(async (cleanup) => {
        const [first, second] = await startPair(cleanup, late, channels);
        if (isFiltered) {
          for (const { scServer } of [first, second]) {
            scServer.addMiddleware('publishOut', async () => {
              await new Promise((resolve) => setTimeout(resolve, random(3)));
            });
          }
        }
        const raws = await Promise.all(Array.from({ length: 6 }, async () => (await first.connect()).raw));
        for (const [index, raw] of raws.entries()) {
          await raw.call('#subscribe', { channel: 'all' });
          await raw.call('#subscribe', { channel: `own ${index % 2}` });
        }
        let [from, to] = [first, second];
        let published = 0;
        const progress = { isOver: false };
        const publish = async (): Promise<void> => {
          while (!progress.isOver) {
            published += 1;
            const { exchange } = (published % 2 === 0 ? first : second).scServer;
            await Promise.all(['all', 'own 0', 'own 1'].map((channel) => exchange.publish(channel, published)));
            await new Promise((resolve) => setTimeout(resolve, isFiltered || late.some((ms) => ms > 0) ? 15 : 1));
          }
        };
        const publishing = publish();
        for (let move = 0; move < 6; move++) {
          expect(await moveAll(from, to)).toEqual({ moved: 6, refused: 0, closed: 0 });
          [from, to] = [to, from];
        }
        progress.isOver = true;
        await publishing;
        const all = Array.from({ length: published }, (_, index) => index + 1);
        for (const [index, raw] of raws.entries()) {
          for (const channel of ['all', `own ${index % 2}`]) {
            await waitFor(() => numbersOf(raw, channel).length >= published, {
              deadlineMs: 30_000,
              what: () => `${published} publications of "${channel}", not ${numbersOf(raw, channel).length}`,
            });
            expect(numbersOf(raw, channel)).toEqual(all);
          }
        }
      })(),
    120_000,
  );

  it(
    'that pass middleware all the time reach each subscriber once and in order',
    withCleanup(async (cleanup) => {
      const [first, second] = await startPair(cleanup, [0, 0], { '*': { history: false } });
      for (const { scServer } of [first, second]) {
        scServer.addMiddleware('publishOut', () => new Promise((resolve) => setTimeout(resolve, 30)));
      }
      const { raw } = await first.connect();
      await raw.call('#subscribe', { channel: 'all' });
      const progress = { isOver: false };
      let published = 0;
      const publish = async (): Promise<void> => {
        while (!progress.isOver) {
          await first.scServer.exchange.publish('all', ++published);
          await new Promise((resolve) => setTimeout(resolve, 25));
        }
      };
      const publishing = publish();
      await waitFor(() => published > 20, { what: 'publications that wait' });
      expect(await moveAll(first, second, { timeoutMs: 2_000 })).toEqual({ moved: 1, refused: 0, closed: 0 });
      progress.isOver = true;
      await publishing;
      await waitFor(() => numbersOf(raw, 'all').length >= published, { deadlineMs: 30_000, what: 'all publications' });
      expect(numbersOf(raw, 'all')).toEqual(Array.from({ length: published }, (_, index) => index + 1));
    }),
    60_000,
  );
});
