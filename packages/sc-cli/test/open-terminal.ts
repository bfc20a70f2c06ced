import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requiredTool, waitFor, type Cleanup } from 'sc-testkit';

export const tmux = requiredTool('tmux', { for: 'the program in a real terminal' });

export interface TerminalSetting {
  readonly cwd: string;
  readonly cleanup: Cleanup;
  readonly columns?: number;
  readonly rows?: number;
  /** Of the shell; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const deadlineMs = 60_000;
let opened = 0;

/** A shell in a terminal, on a tmux server that is nobody else's. */
export function openTerminal({ cwd, cleanup, columns = 100, rows = 30, env = { NO_COLOR: '1' } }: TerminalSetting) {
  const socket = join(cwd, `tmux-${++opened}`);
  const run = (...args: readonly string[]) =>
    execFileSync(tmux ?? '', ['-S', socket, '-f', '/dev/null', ...args], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, CI: undefined, FORCE_COLOR: undefined, PS1: '$ ', ...env },
    });
  run('new-session', '-d', '-x', String(columns), '-y', String(rows), 'sh');
  cleanup.add(run, () => run('kill-server'));
  // The shell also writes to a file, which is cheap to poll for new output.
  const written = join(cwd, `written-${opened}`);
  writeFileSync(written, '');
  run('pipe-pane', `cat >> '${written}'`);
  let commands = 0;
  const screen = () => run('capture-pane', '-p');
  const type = (text: string) => run('send-keys', '-l', text);
  const press = (key: string) => run('send-keys', key);
  const shows = (what: RegExp) => {
    let seen = -1;
    const look = () => {
      const { size } = statSync(written);
      if (size === seen) return null;
      seen = size;
      return what.exec(screen());
    };
    return waitFor(look, { deadlineMs, what: () => `${String(what)} on the screen, which is\n${screen()}` });
  };
  return {
    screen,
    /** The screen with its colours. */
    colours: () => run('capture-pane', '-p', '-e'),
    type,
    press,
    shows,
    /** Runs a command on an empty screen; `ended` and `interrupt`, which presses Ctrl-C, settle with its exit code. */
    run(command: string) {
      // The number tells the end of this command from that of another.
      const number = ++commands;
      // Ctrl-C is for the command; the shell goes on and tells how it ended.
      type(`clear; (trap : INT; ${command}; echo "[${number}] ended with $?")`);
      press('Enter');
      const ended = async () => {
        const [, code] = await shows(new RegExp(`\\[${number}\\] ended with (\\d+)$`, 'm'));
        return Number(code);
      };
      const interrupt = () => {
        press('C-c');
        return ended();
      };
      return { ended, interrupt };
    },
  };
}
