import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { controller, startCluster, type TestCluster } from './support.js';

describe('a store controller', () => {
  let test: TestCluster | undefined;
  afterEach(() => test?.cluster.close());

  it('runs in every store and talks to the supervisor', async () => {
    test = await startCluster({
      stores: 2,
      workers: 1,
      storeController: controller('store.cjs'),
      storeOptions: { a: 1 },
    });
    const { cluster } = test;
    const heard: unknown[] = [];
    cluster.on('storeMessage', (id, data) => heard.push([id, data]));
    cluster.sendToStore(0, 'hi');
    cluster.sendToStore(1, 'ho');
    await waitFor(() => heard.length === 2, { what: 'the answers of both stores' });
    expect(heard).toEqual(
      expect.arrayContaining([
        [0, { echoed: 'hi', options: { a: 1 } }],
        [1, { echoed: 'ho', options: { a: 1 } }],
      ]),
    );
    expect(() => cluster.sendToStore(2, 'x')).toThrow('There is no store 2 now');
  });

  it('hears what is published', async () => {
    test = await startCluster({ workers: 1, storeController: controller('store.cjs') });
    const heard: unknown[] = [];
    test.cluster.on('storeMessage', (_id, data) => heard.push(data));
    const socket = await test.connect();
    await socket.call('#publish', { channel: 'watched', data: { x: 1 } });
    await waitFor(() => heard.length > 0, { what: 'the publication' });
    expect(heard).toEqual([{ published: { x: 1 } }]);
    await socket.close();
  });
});
