import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Keeps every core of this machine awake with a process that runs when nothing else does, and so costs nobody anything.
 * Returns a function that ends it. Rejects where the system does not allow it.
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
