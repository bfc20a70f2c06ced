import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from '@jest/globals';
import { TempFolders } from './helpers/temp-folder.js';

const folders = new TempFolders();

afterAll(() => folders.remove());

it('the program of the README prints what it says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const program = /```js\n([\s\S]*?)```/.exec(readme)![1]!;
  const expected = [...program.matchAll(/\/\/ (.*)$/gm)].map((match) => match[1]!);
  const folder = folders.make();
  const path = join(folder, 'program.mjs');
  const dist = new URL('../dist/index.js', import.meta.url).href;
  writeFileSync(
    path,
    program.replace("'ndata-store'", JSON.stringify(dist)).replace('/tmp/ndata-example', join(folder, 'private')),
  );
  const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 20_000 });
  for (const line of stdout.trim().split('\n').slice(0, 3)) expect(expected).toContain(line);
  expect(stdout.trim().split('\n').at(-1)).toBe('true 1');
});
