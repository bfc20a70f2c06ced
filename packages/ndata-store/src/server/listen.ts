import { chmodSync, existsSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import type { Server } from 'node:net';
import { dirname } from 'node:path';
import { StartError } from 'sc-protocol';
import type { ResolvedServerOptions } from './options.js';

/** Listens at the configured address. A socket file is private; a stale file without a listener is replaced. */
export async function listen(server: Server, where: ResolvedServerOptions['listen']): Promise<void> {
  const isFile = 'path' in where && process.platform !== 'win32';
  if (isFile) {
    const folder = dirname(where.path);
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    await removeStale(where.path);
  }
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new StartError(`The store cannot listen: ${error.message}`, undefined, { cause: error }));
    server.once('error', fail);
    // The file must never be accessible to other users, not even before its mode is set.
    const mask = isFile ? process.umask(0o177) : undefined;
    try {
      server.listen(where, () => {
        server.off('error', fail);
        resolve();
      });
    } finally {
      if (mask !== undefined) process.umask(mask);
    }
  });
  if (isFile) chmodSync(where.path, 0o600);
}

async function removeStale(path: string): Promise<void> {
  if (!existsSync(path)) return;
  if (!lstatSync(path).isSocket()) throw new StartError(`The store cannot listen: ${path} is no socket`);
  if (await isListenedOn(path)) throw new StartError(`The store cannot listen: another one listens on ${path}`);
  unlinkSync(path);
}

function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
