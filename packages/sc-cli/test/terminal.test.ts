import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCleanup, startProcess, tempDir } from 'sc-testkit';
import { openTerminal, tmux } from './open-terminal.js';

const main = new URL('../dist/main.js', import.meta.url).pathname;
const cleanup = createCleanup();
let cwd: string;

(tmux === undefined ? describe.skip : describe)('in a terminal', () => {
  beforeEach(() => {
    cwd = cleanup.add(tempDir(), (directory) => directory.remove()).path;
  });
  afterEach(() => cleanup.run());

  it('create asks before it writes into a folder that is not empty', async () => {
    mkdirSync(join(cwd, 'myapp'));
    writeFileSync(join(cwd, 'myapp', 'server.js'), 'mine');
    const server = () => readFileSync(join(cwd, 'myapp', 'server.js'), 'utf8');
    const terminal = openTerminal({ cwd, cleanup });
    const create = async (round: number) => {
      const command = `'${process.execPath}' '${main}' create myapp --no-install`;
      const running = terminal.run(`echo round ${round}; ${command}`);
      await terminal.shows(new RegExp(`round ${round}\\n[^]*The folder myapp is not empty\\. Write into it\\?`));
      return running;
    };

    const first = await create(1);
    expect(await first.interrupt()).toBe(130);
    const second = await create(2);
    terminal.press('Enter'); // "No" is what it offers.
    expect(await second.ended()).toBe(1);
    expect(terminal.screen()).toContain('Add --force to write into it.');
    expect(server()).toBe('mine');
    expect(existsSync(join(cwd, 'myapp', 'worker.js'))).toBe(false);

    const third = await create(3);
    terminal.press('y');
    expect(await third.ended()).toBe(0);
    expect(terminal.screen()).toContain('Done. Now:');
    expect(server()).toContain("appName: 'myapp'");
  }, 120_000);

  it('top shows the processes as they are now, until Ctrl-C', async () => {
    writeFileSync(join(cwd, 'package.json'), '{"type":"module"}');
    writeFileSync(join(cwd, 'worker.js'), 'export function run() {}');
    const app = `top-${process.pid}`;
    cleanup.add(
      await startProcess(main, {
        cwd,
        args: ['start', '--worker-controller', 'worker.js', '--workers', '1', '--port', '0', '--app-name', app],
        readyLine: /^Open http/m,
      }),
      (started) => started.stop(),
    );
    const terminal = openTerminal({ cwd, cleanup });
    const top = terminal.run(`'${process.execPath}' '${main}' top --interval 100 --app ${app}`);
    const [, killed] = await terminal.shows(/^ *worker 0 +(\d+)/m);
    process.kill(Number(killed), 'SIGKILL');
    await terminal.shows(new RegExp(`^ *worker 0 +(?!${killed}\\b)\\d+`, 'm'));
    expect(terminal.screen()).toMatch(new RegExp(`^${app} \\(\\d+\\) is running on http`));
    expect(await top.interrupt()).toBe(130);
  }, 120_000);
});
