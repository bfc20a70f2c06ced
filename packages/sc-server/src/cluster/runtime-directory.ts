import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildUser } from './child-user.js';

/** The private directory of one cluster's unix sockets, or the prefix of its named pipes on Windows. */
export interface RuntimeDirectory {
  socketPath(name: string): string;
  /** Removes the directory. May be repeated. */
  remove(): void;
}

/** The longest path that every system takes for a unix socket, without the final zero (macOS: 104 bytes). */
const longestSocketPath = 103;

/** Makes the directory, for this user alone, and clears away those of clusters that were killed. */
export function createRuntimeDirectory(appName: string, user?: ChildUser): RuntimeDirectory {
  if (process.platform === 'win32') {
    const prefix = `\\\\.\\pipe\\sc-${appName}-${process.pid}-${Date.now().toString(36)}-`;
    return { socketPath: (name) => prefix + name, remove: () => undefined };
  }
  const parent = join(tmpdir(), `sc-${process.getuid?.() ?? 0}`);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  removeLeftovers(parent);
  const named = join(parent, `${appName}-${process.pid}-`);
  const short = join(parent, `${createHash('sha256').update(appName).digest('hex').slice(0, 8)}-${process.pid}-`);
  const longestName = 'XXXXXX/w000.sock'.length;
  // mkdtemp makes it with mode 0700.
  const path = mkdtempSync(named.length + longestName <= longestSocketPath ? named : short);
  // The children make their sockets in it. Its parent lets them pass, and see nothing.
  if (user !== undefined) {
    chmodSync(parent, 0o711);
    chownSync(path, user.uid, user.gid);
  }
  return {
    socketPath: (name) => join(path, `${name}.sock`),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(/-(\d+)-[^-]*$/.exec(name)?.[1]);
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
