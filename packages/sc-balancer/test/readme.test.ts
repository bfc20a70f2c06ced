import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const packageDirectory = dirname(dirname(fileURLToPath(import.meta.url)));
let directory: string;

beforeAll(() => {
  // Inside the package, so that the programs find the package by its name.
  directory = mkdtempSync(join(packageDirectory, 'test', '.readme-'));
  const readme = readFileSync(join(packageDirectory, 'README.md'), 'utf8');
  for (const [, code = ''] of readme.matchAll(/```js\n([\s\S]*?)```/g)) {
    writeFileSync(join(directory, /^\/\/ (\S+)/.exec(code)![1]!), code);
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('The README', () => {
  it.each([
    ['proxy.mjs', ['one sees the client 127.0.0.1', 'two sees the client 127.0.0.1']],
    ['hand-off.mjs', ['served by one', 'served by two']],
  ])('has a program %s that runs', async (name, lines) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(directory, name)]);
    expect(stdout.trimEnd().split('\n').sort()).toEqual(lines);
    expect(stderr).toBe('');
  });
});
