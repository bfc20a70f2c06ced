import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createCleanup, freePort, programsIn, runProcess, startProcess, tempDir } from 'sc-testkit';
import { installIn, npm, root } from './support.js';

const cleanup = createCleanup();
afterAll(() => cleanup.run());

/** npm 11 writes `"type": "commonjs"` into a new package, npm 10 writes no type. */
const npmVersions = ['10', '11'];

const pages = [
  { page: 'README.md', client: /^Hello Ada, this is worker \d+\nnews: it works\n$/ },
  { page: 'docs/getting-started.md', client: /^Hello Ada\nnews: it works\n$/ },
];

describe.each(npmVersions)('in a folder made by npm init -y of npm %s', (version) => {
  it.each(pages)(
    'the programs of $page run as pasted, in order, without a warning',
    async ({ page, client }) => {
      const directory = cleanup.add(tempDir(), (created) => created.remove()).path;
      const made = await npm(['exec', '--yes', `--package=npm@${version}`, '--', 'npm', 'init', '-y'], directory);
      expect({ code: made.code, stderr: made.code === 0 ? '' : made.stderr }).toEqual({ code: 0, stderr: '' });
      await installIn(directory, ['sc-server', 'sc-client']);

      const port = await freePort();
      const programs = programsIn(readFileSync(join(root, page), 'utf8'));
      for (const { file, text } of programs)
        writeFileSync(join(directory, file), text.replaceAll('8000', String(port)));
      expect(programs.map(({ file }) => file)).toEqual(['server.mjs', 'worker.mjs', 'client.mjs', 'alone.mjs']);

      const options = { cwd: directory, env: { NODE_OPTIONS: undefined } };
      const start = async (file: string) =>
        cleanup.add(
          await startProcess(join(directory, file), { ...options, readyLine: new RegExp(`http://localhost:${port}`) }),
          (started) => started.stop(),
        );
      const cluster = await start('server.mjs');
      const ended = await runProcess(join(directory, 'client.mjs'), { ...options, deadlineMs: 30_000 });
      expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(client), stderr: '' });
      expect(cluster.output()).not.toMatch(/warning/i);
      await cluster.stop();
      await start('alone.mjs');
    },
    240_000,
  );
});
