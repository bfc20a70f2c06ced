import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, tempDir, waitFor } from 'sc-testkit';
import { watchFolder } from '../src/shared/watch-folder.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

/** A watched folder with two files, and what was reported so far. */
async function watchedApp(onChange: () => Promise<void> = () => Promise.resolve()) {
  const { path } = cleanup.add(tempDir(), (one) => one.remove());
  const file = (name: string) => join(path, name);
  for (const name of ['server.js', 'worker.js']) writeFileSync(file(name), '1');
  const calls: (readonly string[])[] = [];
  const watcher = watchFolder(path, (files) => {
    calls.push([...files].sort());
    return onChange();
  });
  cleanup.add(watcher, (one) => one.close());
  await watcher.ready;
  const called = (count: number) =>
    waitFor(() => calls.length >= count, { what: () => `${count} calls; ${JSON.stringify(calls)}` });
  return { path, file, calls, called };
}

describe('a watched folder', () => {
  it('sees a file that is saved in place', async () => {
    const { file, calls, called } = await watchedApp();
    writeFileSync(file('worker.js'), '2');
    await called(1);
    expect(calls).toEqual([[file('worker.js')]]);
  });

  it('sees a file that an editor saves by renaming another one over it, again and again', async () => {
    const { file, calls, called } = await watchedApp();
    for (let round = 1; round <= 3; round++) {
      writeFileSync(file('worker.js.tmp'), String(round));
      renameSync(file('worker.js.tmp'), file('worker.js'));
      await called(round);
    }
    expect(calls).toEqual([[file('worker.js')], [file('worker.js')], [file('worker.js')]]);
  });

  it('sees a file that git removes and makes again', async () => {
    const { file, calls, called } = await watchedApp();
    rmSync(file('worker.js'));
    writeFileSync(file('worker.js'), '2');
    await called(1);
    expect(calls[0]).toContain(file('worker.js'));
  });

  it('sees files in a folder that is made later', async () => {
    const { file, calls, called } = await watchedApp();
    mkdirSync(file('routes'));
    writeFileSync(join(file('routes'), 'users.js'), '1');
    await called(1);
    expect(calls[0]).toEqual([join(file('routes'), 'users.js')]);
    writeFileSync(join(file('routes'), 'users.js'), '2');
    await called(2);
  });

  it('reports a burst of changes once, with all of its files', async () => {
    const { file, calls, called } = await watchedApp();
    const names = Array.from({ length: 30 }, (_, i) => file(`part-${i}.js`));
    for (const name of [...names, file('server.js')]) writeFileSync(name, '2');
    await called(1);
    expect(calls).toEqual([[...names, file('server.js')].sort()]);
  });

  it('reports changes that come during a call once more after it', async () => {
    const release: (() => void)[] = [];
    const { file, calls, called } = await watchedApp(() => new Promise<void>((resolve) => release.push(resolve)));
    writeFileSync(file('worker.js'), '2');
    await called(1);
    writeFileSync(file('server.js'), '2');
    writeFileSync(file('worker.js'), '3');
    writeFileSync(file('late.js'), '1');
    release.shift()?.();
    await called(2);
    release.shift()?.();
    expect(calls.flat()).toEqual(expect.arrayContaining([file('server.js'), file('late.js')]));
    expect(calls).toHaveLength(2);
  });

  it('leaves out node_modules, hidden folders, builds and what is no part of an app', async () => {
    const { file, calls, called } = await watchedApp();
    for (const folder of ['node_modules', '.git', 'dist']) {
      mkdirSync(file(folder));
      writeFileSync(join(file(folder), 'index.js'), '1');
    }
    writeFileSync(file('app.log'), '1');
    writeFileSync(file('worker.js'), '2');
    await called(1);
    expect(calls).toEqual([[file('worker.js')]]);
  });
});
