import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { NdataClusterClient, NdataServer } from 'ndata-store';
import { tempDir, type Cleanup } from 'sc-testkit';
import { publications, settled, startServer, withCleanup, type TestServer } from '../support.js';

/** Two workers on one store, as in a cluster. */
async function startTwo(cleanup: Cleanup): Promise<[TestServer, TestServer]> {
  const directory = cleanup.add(tempDir(), (one) => one.remove());
  const socketPath = join(directory.path, 's');
  const store = cleanup.add(new NdataServer({ socketPath }), (one) => one.close());
  await store.listen();
  const start = () =>
    startServer(cleanup, {
      store: cleanup.add(new NdataClusterClient({ shards: [{ socketPath }] }), (one) => one.close()),
    });
  return [await start(), await start()];
}

describe('a publication to all but one socket', () => {
  it.each([
    ['without middleware', () => undefined],
    [
      'with middleware on publishOut',
      ({ scServer }: TestServer) => scServer.addMiddleware('publishOut', async () => Promise.resolve()),
    ],
  ])('reaches every other subscriber of every worker, in order, %s', async (_how, prepare) => {
    await withCleanup(async (cleanup) => {
      const [first, second] = await startTwo(cleanup);
      for (const server of [first, second]) prepare(server);
      const author = await first.connect();
      const others = [await first.connect(), await second.connect()];
      for (const { raw } of [author, ...others]) await raw.call('#subscribe', 'chat');
      const { exchange } = first.scServer;
      await exchange.publish('chat', 1);
      await exchange.publish('chat', 2, { except: author.socket.id });
      // The excepted socket may be another worker's.
      await second.scServer.exchange.publish('chat', 3, { except: author.socket.id, volatile: true });
      await exchange.publish('chat', 4);
      await exchange.publish('chat', 5, { except: 'of nobody' });
      const dataOf = (raw: (typeof author)['raw']) => publications(raw).map(({ data }) => data);
      for (const { raw } of others) {
        await raw.next(({ data }) => (data as { data?: unknown } | undefined)?.data === 5);
        expect(dataOf(raw)).toEqual([1, 2, 3, 4, 5]);
      }
      await author.raw.next(({ data }) => (data as { data?: unknown } | undefined)?.data === 5);
      await settled(author.raw);
      expect(dataOf(author.raw)).toEqual([1, 4, 5]);
    })();
  });
});
