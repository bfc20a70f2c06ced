import { spawn } from 'node:child_process';
import { waitFor } from './wait-for.js';

const dist = new URL('../../dist/index.js', import.meta.url).href;

export interface FolderUser {
  /** `holds` or `refused: …`, once it is known. */
  readonly outcome: () => string;
  /** Sets a key; resolves with `answered` or the error. */
  readonly write: (key: string) => Promise<string>;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly end: () => void;
}

/** A process that takes a store's folder, in a pid namespace of its own if it is to be like another container. */
export async function useFolder(folder: string, inContainer = false): Promise<FolderUser> {
  const code = `
    const { NdataStore } = await import(${JSON.stringify(dist)});
    try {
      const store = new NdataStore({ persist: { folder: ${JSON.stringify(folder)}, fsync: 'written' } });
      store.on('error', () => undefined);
      console.log('holds ' + process.pid);
      process.stdin.on('data', async (key) => {
        console.log(await store.set(String(key), 1).then(() => 'answered', (error) => error.message));
      });
    } catch (error) {
      console.log('refused: ' + error.message);
    }`;
  const node = [process.execPath, '--input-type=module', '-e', code];
  const [command = '', ...args] = inContainer
    ? ['unshare', '-r', '--pid', '--fork', '--mount-proc', '--kill-child', ...node]
    : node;
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => lines.push(...chunk.toString().trim().split('\n')));
  await waitFor('the folder', () => lines.length > 0 || child.exitCode !== null, 60_000);
  return {
    outcome: () => lines[0] ?? 'ended',
    write: async (key) => {
      const before = lines.length;
      child.stdin.write(key);
      await waitFor('an answer', () => lines.length > before, 60_000);
      return lines.at(-1)!;
    },
    signal: (name) => void process.kill(Number(/\d+$/.exec(lines[0] ?? '')?.[0] ?? child.pid), name),
    end: () => void child.kill('SIGKILL'),
  };
}
