import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Keeps every core awake with a process that runs only when the core is idle, so that it takes no CPU time from others.
 * Returns a function that stops the process. Rejects if the system does not allow it.
 */
export async function keepAwake(program: string): Promise<() => Promise<void>> {
  const spinner = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(spinner, 'exit');
  await Promise.race([once(spinner.stdout, 'data'), exited]);
  if (spinner.exitCode !== null) throw new Error('The cores cannot be kept awake');
  return async () => {
    spinner.stdin.end();
    await exited;
  };
}
