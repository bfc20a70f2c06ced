import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup } from 'sc-testkit';
import { startCluster } from './support.js';

const forYoungObjects = '--min-semi-space-size=4';

// The arguments of another process are a file on Linux only.
(process.platform === 'linux' ? describe : describe.skip)('the arguments of the processes', () => {
  const cleanup = createCleanup();
  afterEach(() => cleanup.run());

  it('give stores, and nobody else, room for what lives for seconds', async () => {
    const { cluster } = await startCluster({ stores: 1, workers: 1, balancers: 1 });
    cleanup.add(cluster, () => cluster.close());
    const { stores, workers, balancers } = cluster.status();
    const hasRoom = ({ pid }: { readonly pid: number }) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(forYoungObjects);
    expect([stores, workers, balancers].map((role) => role.map(hasRoom))).toEqual([[true], [false], [false]]);
  });
});
