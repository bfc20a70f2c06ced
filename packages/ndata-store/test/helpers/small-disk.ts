import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './wait-for.js';

export interface SmallDisk {
  /** Command prefix that runs a program inside the mount namespace of the disk. */
  readonly enter: readonly string[];
  /** The path of one of its files, as this process sees it. */
  path(name: string): string;
  remove(): void;
}

/** Whether this machine lets us make a disk of our own, in a namespace of our own. */
export function canMakeDisks(): boolean {
  const isPossible = spawnSync('unshare', ['-rm', 'true']).status === 0;
  if (isPossible || process.platform !== 'linux') return isPossible;
  if (process.env['CI'] === 'true') throw new Error('The suite about full disks needs `unshare -rm`');
  process.emitWarning('Left out the suite about full disks: `unshare -rm` does not work here');
  return false;
}

/** Puts a disk of so many KiB in the place of the folder, for those who enter. */
export async function makeSmallDisk(folder: string, sizeKib: number): Promise<SmallDisk> {
  mkdirSync(folder, { recursive: true });
  const script = `mount -t tmpfs -o size=${sizeKib}k tmpfs '${folder}' && echo mounted && exec sleep 600`;
  const holder = spawn('unshare', ['-rm', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let isMounted = false;
  holder.stdout.on('data', () => (isMounted = true));
  await waitFor('the disk', () => isMounted);
  return {
    enter: ['nsenter', '-t', String(holder.pid), '-U', '-m', '--preserve-credentials'],
    path: (name) => join(`/proc/${holder.pid!}/root`, folder, name),
    remove: () => void holder.kill('SIGKILL'),
  };
}
