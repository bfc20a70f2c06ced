import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCleanup, requiredTool, startProcess, tempDir, waitFor } from 'sc-testkit';

const main = new URL('../dist/main.js', import.meta.url).pathname;
const tmux = requiredTool('tmux', { for: 'the program in a real terminal' });
const cleanup = createCleanup();
let cwd: string;

/** A shell in a terminal of 100 by 30, on a tmux server that is nobody else's. */
function openTerminal() {
  const run = (...args: readonly string[]) =>
    execFileSync(tmux ?? '', ['-S', join(cwd, 'tmux'), '-f', '/dev/null', ...args], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, CI: undefined, PS1: '$ ', NO_COLOR: '1' },
    });
  run('new-session', '-d', '-x', '100', '-y', '30', 'env -u CI sh');
  cleanup.add(run, () => run('kill-server'));
  const screen = () => run('capture-pane', '-p');
  return {
    screen,
    type: (text: string) => run('send-keys', '-l', text),
    press: (key: string) => run('send-keys', key),
    shows: (what: RegExp) =>
      waitFor(() => what.test(screen()), { what: () => `${String(what)} on the screen, which is\n${screen()}` }),
  };
}

(tmux === undefined ? describe.skip : describe)('in a terminal', () => {
  beforeEach(() => {
    cwd = cleanup.add(tempDir(), (directory) => directory.remove()).path;
  });
  afterEach(() => cleanup.run());

  it('create asks before it writes into a folder that is not empty', async () => {
    mkdirSync(join(cwd, 'myapp'));
    writeFileSync(join(cwd, 'myapp', 'server.js'), 'mine');
    const server = () => readFileSync(join(cwd, 'myapp', 'server.js'), 'utf8');
    const terminal = openTerminal();
    // The number tells the question of this round from one that is still on the screen.
    const create = (round: number) => {
      const command = `'${process.execPath}' '${main}' create myapp --no-install`;
      terminal.type(`clear; echo round ${round}; ${command}; echo "round ${round} ended with $?"`);
      terminal.press('Enter');
      return terminal.shows(new RegExp(`round ${round}\\n[^]*The folder myapp is not empty\\. Write into it\\?`));
    };

    await create(1);
    terminal.press('C-c');
    await terminal.shows(/^round 1 ended with 130$/m);
    await create(2);
    terminal.press('Enter'); // "No" is what it offers.
    await terminal.shows(/^round 2 ended with 1$/m);
    expect(terminal.screen()).toContain('Add --force to write into it.');
    expect(server()).toBe('mine');
    expect(existsSync(join(cwd, 'myapp', 'worker.js'))).toBe(false);

    await create(3);
    terminal.press('y');
    await terminal.shows(/^round 3 ended with 0$/m);
    expect(terminal.screen()).toContain('Done. Now:');
    expect(server()).toContain("appName: 'myapp'");
  }, 60_000);

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
    const terminal = openTerminal();
    terminal.type(`'${process.execPath}' '${main}' top --interval 100 --app ${app}`);
    terminal.press('Enter');
    const pidOfWorker = () => Number(/^ *worker 0 +(\d+)/m.exec(terminal.screen())?.[1]);
    await waitFor(() => pidOfWorker() > 0, { what: () => `a worker on the screen, which is\n${terminal.screen()}` });

    const killed = pidOfWorker();
    process.kill(killed, 'SIGKILL');
    await waitFor(() => pidOfWorker() > 0 && pidOfWorker() !== killed, { what: 'another worker on the screen' });
    expect(terminal.screen()).toMatch(new RegExp(`^${app} \\(\\d+\\) is running on http`));
    terminal.press('C-c');
    terminal.type('echo "ended with $?"');
    terminal.press('Enter');
    await terminal.shows(/^ended with 130$/m);
  }, 60_000);
});
