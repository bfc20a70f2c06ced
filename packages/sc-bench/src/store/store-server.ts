import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ContenderName } from './contender.js';

export interface StoreServer {
  readonly pid: number;
  readonly socketPath: string;
  stop(): Promise<void>;
}

/** Starts the store in its own process, without persistence. Resolves when it accepts connections. */
export async function startServer(name: ContenderName): Promise<StoreServer> {
  const folder = mkdtempSync(join(tmpdir(), 'store-bench-'));
  const socketPath = join(folder, 'store.sock');
  const child = name === 'redis' ? spawnRedis(socketPath, folder) : spawnNdata(socketPath);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for (let attempt = 0; !(await isReachable(socketPath)); attempt++) {
    if (attempt > 500 || child.exitCode !== null) throw new Error(`${name} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    pid: child.pid ?? 0,
    socketPath,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function spawnRedis(socketPath: string, folder: string): ChildProcess {
  const args = ['--port', '0', '--unixsocket', socketPath, '--save', '', '--appendonly', 'no', '--dir', folder];
  return spawn('redis-server', args, { stdio: 'ignore' });
}

function spawnNdata(socketPath: string): ChildProcess {
  const root = dirname(createRequire(import.meta.url).resolve('ndata-store/package.json'));
  return spawn(process.execPath, [join(root, 'dist', 'bin.js'), '--socket', socketPath], { stdio: 'ignore' });
}

function isReachable(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
