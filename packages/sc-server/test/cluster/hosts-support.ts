import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { waitFor } from 'sc-testkit';

const require = createRequire(import.meta.url);
const bin = join(dirname(require.resolve('ndata-store/package.json')), 'dist', 'bin.js');

export const storeSecret = 'a secret of the stores of both hosts';

export interface StandaloneStore {
  readonly port: number;
  /** Kills it with SIGKILL. */
  readonly kill: () => Promise<void>;
}

/** Writes a file into the folder, and returns its path. */
export function writeIn(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** Runs the program `ndata-store`; resolves when it listens. */
export async function startStore(args: readonly string[]): Promise<StandaloneStore> {
  const child: ChildProcess = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const port = () => /listens on \S*:(\d+)\n/.exec(output)?.[1];
  await waitFor(() => port() !== undefined || child.exitCode !== null, {
    deadlineMs: 60_000,
    what: () => `a store that listens; it printed ${output}`,
  });
  if (port() === undefined) throw new Error(`The store did not start: ${output}`);
  return {
    port: Number(port()),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
