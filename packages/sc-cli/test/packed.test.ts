import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import { createCleanup, freePort, isAlive, processTree, runProcess, startProcess, tempDir } from 'sc-testkit';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const cleanup = createCleanup();
let work: string;
let tarballs: string;

/** npm as a person runs it, without what the package manager that runs this test has put into the environment. */
function npm(args: readonly string[], cwd: string) {
  const inherited = Object.keys(process.env).filter((name) => /^(npm|pnpm)_/i.test(name));
  return runProcess('npm', {
    program: '/usr/bin/env',
    args,
    cwd,
    env: {
      ...Object.fromEntries(inherited.map((name) => [name, undefined])),
      FORCE_COLOR: undefined,
      SC_PACKAGES: tarballs,
      npm_config_fund: 'false',
      npm_config_audit: 'false',
      npm_config_update_notifier: 'false',
    },
    deadlineMs: 120_000,
  });
}

beforeAll(() => {
  work = cleanup.add(tempDir(), (directory) => directory.remove()).path;
  tarballs = join(work, 'tarballs');
  mkdirSync(tarballs);
  for (const name of readdirSync(join(root, 'packages'))) {
    const directory = join(root, 'packages', name);
    if (!existsSync(join(directory, 'package.json'))) continue;
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { private?: boolean };
    if (manifest.private === true) continue;
    execFileSync('pnpm', ['pack', '--pack-destination', tarballs], { cwd: directory, stdio: 'ignore' });
  }
}, 120_000);
afterAll(() => cleanup.run());

/** The program, and what it needs of ours: the registry is not asked for that. */
const ours = () => readdirSync(tarballs).map((name) => `--package=${join(tarballs, name)}`);

describe('the packed command line program', () => {
  it('makes an app that passes its own test and starts with one command', async () => {
    const created = await npm(['exec', '--yes', ...ours(), '--', 'sc-cli', 'create', 'myapp'], work);
    expect({ code: created.code, stderr: created.code === 0 ? '' : created.stderr }).toEqual({ code: 0, stderr: '' });
    expect(created.stdout).toContain('  cd myapp\n  npm start\n');
    const app = join(work, 'myapp');
    expect(readdirSync(app).sort()).toEqual([
      '.gitignore',
      'README.md',
      'node_modules',
      'package-lock.json',
      'package.json',
      'public',
      'server.js',
      'test',
      'worker.js',
    ]);

    const tested = await npm(['test'], app);
    expect({ code: tested.code, output: tested.code === 0 ? '' : tested.stdout }).toEqual({ code: 0, output: '' });
    expect(tested.stdout).toMatch(/pass 1\n/);

    const port = await freePort();
    const server = cleanup.add(
      await startProcess('npm', {
        program: '/usr/bin/env',
        args: ['start'],
        cwd: app,
        env: { PORT: String(port) },
        readyLine: /^Open http/m,
      }),
      (started) => started.stop(),
    );
    expect(server.output()).toContain(`Open http://localhost:${port}\n`);
    const page = await fetch(`http://localhost:${port}/`);
    expect(await page.text()).toContain('<h1>It works</h1>');
    expect((await fetch(`http://localhost:${port}/socketcluster.js`)).status).toBe(200);
    const socket = cleanup.add(connect({ port }), (opened) => opened.disconnect());
    await expect(socket.invoke('hello', 'Ada')).resolves.toMatch(/^Hello Ada, this is worker [01]$/);

    const pids = processTree(server.pid).map(({ pid }) => pid);
    expect(pids.length).toBeGreaterThanOrEqual(4);
    await server.stop();
    expect(pids.filter(isAlive)).toEqual([]);
  }, 240_000);

  it('can be run under each of its names', async () => {
    for (const name of ['sc-cli', 'sc', 'socketcluster']) {
      const { code, stdout } = await npm(['exec', '--yes', ...ours(), '--', name, '--version'], work);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    }
  }, 120_000);
});
