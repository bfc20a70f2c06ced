import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tempDir, type TempDir } from 'sc-testkit';
import { controller, startCluster, type TestCluster } from './support.js';

describe('a rolling reload', () => {
  let test: TestCluster | undefined;
  let directory: TempDir;
  const setVersion = (version: string) => writeFileSync(process.env['SC_TEST_VERSION_FILE'] ?? '', version);
  beforeEach(() => {
    directory = tempDir();
    process.env['SC_TEST_VERSION_FILE'] = join(directory.path, 'version');
    setVersion('one');
  });
  afterEach(async () => {
    await test?.cluster.close();
    delete process.env['SC_TEST_VERSION_FILE'];
    directory.remove();
  });
  const start = (balancers: number) => startCluster({ workerController: controller('versioned.cjs'), balancers });
  const ask = async (path = '/') =>
    (await fetch(`http://localhost:${test?.port}${path}`, { headers: { connection: 'close' } })).text();

  it.each([0, 1])('brings fresh code without refusing a connection, with %d balancers', async (balancers) => {
    test = await start(balancers);
    const before = test.cluster.status().workers.map(({ pid }) => pid);
    expect(await ask()).toBe('one');
    setVersion('two');
    const answers: string[] = [];
    const progress = { isOver: false };
    const reloading = test.cluster.reload().finally(() => (progress.isOver = true));
    while (!progress.isOver) answers.push(await ask());
    await reloading;
    expect(await ask()).toBe('two');
    expect(new Set(answers.concat('one', 'two'))).toEqual(new Set(['one', 'two']));
    const after = test.cluster.status().workers.map(({ pid }) => pid);
    expect(after).toHaveLength(2);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  });

  it.each([0, 1])('lets a request under way finish, with %d balancers', async (balancers) => {
    test = await start(balancers);
    const slow = ask('/slow');
    await ask();
    setVersion('two');
    await test.cluster.reload();
    expect(await slow).toBe('begun one');
  });

  it.each([0, 1])('is not needed for that: closing lets it finish too, with %d balancers', async (balancers) => {
    test = await start(balancers);
    const slow = ask('/slow');
    await ask();
    await test.cluster.close();
    expect(await slow).toBe('begun one');
  });

  it('keeps the old workers when the new code does not start', async () => {
    test = await start(0);
    const before = test.cluster.status().workers.map(({ pid }) => pid);
    setVersion('broken');
    await expect(test.cluster.reload()).rejects.toMatchObject({
      code: 'SC_START',
      message: expect.stringContaining('this version is broken'),
    });
    expect(test.cluster.status().workers.map(({ pid }) => pid)).toEqual(before);
    expect(await ask()).toBe('one');
  });
});
