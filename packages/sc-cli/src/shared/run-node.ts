import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Terminal } from '../terminal.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const;

/** Runs Node in this terminal, forwards signals, and returns the exit code. */
export function runNode(args: readonly string[], { cwd, env }: Pick<Terminal, 'cwd' | 'env'>): Promise<number> {
  const child = spawn(process.execPath, args, { cwd, env, stdio: 'inherit' });
  // In a terminal the child has already received Ctrl-C; a second one would kill it.
  const handOn = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const known = process.platform === 'win32' ? signals.slice(0, 2) : signals;
  for (const signal of known) process.on(signal, handOn);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const known of signals) process.off(known, handOn);
      resolve(code ?? 128 + (signal === null ? 1 : constants.signals[signal]));
    });
  });
}
