import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createCleanup, requiredTool, runProcess, tempDir } from 'sc-testkit';
import { path } from './support.js';

const cleanup = createCleanup();
afterAll(() => cleanup.run());
const read = (name: string) => readFileSync(path(name), 'utf8').replaceAll(/\\\n\s*/g, ' ');

/** Every option that the program has, as its help lists them. */
function storeOptions(): string {
  const bin = fileURLToPath(new URL('../../../packages/ndata-store/dist/bin.js', import.meta.url));
  return execFileSync(process.execPath, [bin, '--help'], { encoding: 'utf8' });
}

describe('the files of a shared store', () => {
  it.each(['store.service', 'store.Dockerfile'])('%s names options that the program has', (file) => {
    const help = storeOptions();
    const command = /^(?:ExecStart=|CMD \[")(.*)$/m.exec(read(file))?.[1] ?? '';
    const options = command.match(/--[a-z-]+/g) ?? [];
    expect(options).toEqual(expect.arrayContaining(['--secret-file', '--persist', '--tls-cert', '--health-port']));
    expect(options.filter((option) => !help.includes(`  ${option} `))).toEqual([]);
  });

  it('store.Dockerfile has an image that is not root, and no secrets in it', () => {
    const lines = read('store.Dockerfile').split('\n');
    expect(lines.filter((line) => line.startsWith('USER '))).toEqual(['USER node']);
    expect(lines.filter((line) => line.startsWith('COPY '))).toEqual([
      'COPY --from=dependencies /store/node_modules ./node_modules',
    ]);
  });
});

const systemd = requiredTool('systemd-analyze', { for: 'the unit of systemd' });
(systemd === undefined ? describe.skip : describe)('store.service', () => {
  it('is a unit that systemd takes', async () => {
    const directory = cleanup.add(tempDir(), (created) => created.remove()).path;
    const unit = readFileSync(path('store.service'), 'utf8')
      .replace('/usr/bin/node', process.execPath)
      .replace('/srv/myapp', directory);
    const file = join(directory, 'store.service');
    writeFileSync(file, unit);
    const result = await runProcess('verify', { program: systemd ?? '', args: ['--man=no', file] });
    const complaints = `${result.stdout}${result.stderr}`.split('\n').filter((line) => line.includes('store.service'));
    expect({ code: result.code, complaints }).toEqual({ code: 0, complaints: [] });
  });
});
