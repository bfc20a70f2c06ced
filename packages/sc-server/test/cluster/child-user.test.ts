import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectToTwoWorkers, controller, startCluster, type TestCluster } from './support.js';

const nobody = 65_534;
/** Only root can give children another user, who must be able to read the code. */
const canTry =
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, ['-e', `require('fs').readFileSync(${JSON.stringify(controller('worker.cjs'))})`], {
    uid: nobody,
    gid: nobody,
  }).status === 0;
if (!canTry) console.warn('Left out: downgradeToUser needs root, and code that the user nobody can read');

(canTry ? describe : describe.skip)('a cluster with downgradeToUser', () => {
  let test: TestCluster | undefined;
  afterEach(() => test?.cluster.close());

  it.each([0, 1])('runs every child as that user, with %d balancers', async (balancers) => {
    test = await startCluster({ downgradeToUser: 'nobody', balancers });
    const { workers, stores, balancers: processes } = test.cluster.status();
    const uids = [...workers, ...stores, ...processes].map(
      ({ pid }) => /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
    );
    expect(new Set(uids)).toEqual(new Set([String(nobody)]));
    const [first, second] = await connectToTwoWorkers(test);
    await second.call('#subscribe', { channel: 'news' });
    await first.call('#publish', { channel: 'news', data: 1 });
    await second.next((frame) => frame['event'] === '#publish');
    await Promise.all([first.close(), second.close()]);
  });
});
