import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const packageDirectory = dirname(dirname(fileURLToPath(import.meta.url)));

it('runs the program of the README', async () => {
  // Inside the package, so that it finds the package by its name.
  const directory = mkdtempSync(join(packageDirectory, 'test', '.readme-'));
  try {
    const readme = readFileSync(join(packageDirectory, 'README.md'), 'utf8');
    for (const [, code = ''] of readme.matchAll(/```js\n([\s\S]*?)```/g)) {
      writeFileSync(join(directory, /^\/\/ (\S+)/.exec(code)![1]!), code);
    }
    const { stdout } = await promisify(execFile)(process.execPath, [join(directory, 'supervisor.mjs')]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, 2).sort()).toEqual(['ready: worker 0, generation 0', 'ready: worker 1, generation 0']);
    expect(lines).toContain('from 0: Hello from 0');
    expect(lines).toContain('crash: worker 1 (pid …) exited with code 1: Error: told to crash');
    expect(lines.filter((line) => line.startsWith('stop: '))).toHaveLength(4);
    expect(lines.at(-1)).toBe('stopped');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
