import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitFor } from './wait-for.js';

const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

export interface StoreProcess {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the exit code, or the signal it died of. */
  readonly exited: Promise<number | string>;
}

export interface RunOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Stands before the command, like `nsenter …`. */
  readonly enter?: readonly string[];
}

/** Runs the binary. */
export function runBinary(args: readonly string[], { environment = {}, enter = [] }: RunOptions = {}): StoreProcess {
  const [command = '', ...rest] = [...enter, process.execPath, bin, ...args];
  const child = spawn(command, rest, { env: { ...process.env, ...environment } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return { child, stdout: () => stdout, stderr: () => stderr, exited };
}

/** Runs the binary and resolves once it listens. */
export async function runStore(args: readonly string[], options?: RunOptions): Promise<StoreProcess> {
  const running = runBinary(args, options);
  const isSettled = (): boolean => running.stdout().includes('\n') || running.child.exitCode !== null;
  // A busy machine takes its time to start a process.
  await waitFor('the readiness line', isSettled, 60_000);
  if (running.child.exitCode !== null) throw new Error(`The store did not start: ${running.stderr()}`);
  return running;
}
