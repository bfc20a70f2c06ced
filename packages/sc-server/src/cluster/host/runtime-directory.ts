import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from 'sc-protocol';
import type { ChildUser } from './child-user.js';
import { pipePrefix, socketsAreFiles } from './platform.js';

/** The private directory of one cluster's unix sockets, or the prefix of its named pipes on Windows. */
export interface RuntimeDirectory {
  socketPath(name: string): string;
  /** Where the supervisor listens for commands. It lies beside the directory, out of the reach of other users' children. */
  readonly controlPath: string;
  /** Removes the directory. May be repeated. */
  remove(): void;
}

/** The longest path that every system takes for a unix socket, without the final zero (macOS: 104 bytes). */
const longestSocketPath = 103;

/** Longer than the name of any socket within the directory. */
const controlSuffix = '.control.sock';

/** The control sockets of this user's clusters, of those that have ended without a word too. */
export function controlSockets(): string[] {
  if (!socketsAreFiles) {
    const isControl = (name: string) => name.startsWith('sc-') && name.endsWith(controlSuffix.slice(1));
    return readdirSync(pipePrefix)
      .filter(isControl)
      .map((name) => pipePrefix + name);
  }
  const parent = parentDirectory();
  if (!existsSync(parent)) return [];
  refuseForeign(parent);
  return readdirSync(parent)
    .filter((name) => name.endsWith(controlSuffix))
    .map((name) => join(parent, name));
}

function parentDirectory(): string {
  return join(tmpdir(), `sc-${process.getuid?.() ?? 0}`);
}

/** Whoever owns the directory could exchange what is in it, and everybody may make one in the system's `tmp`. */
function refuseForeign(parent: string): void {
  const { uid, mode } = lstatSync(parent);
  const isPrivate = uid === process.getuid?.() && (mode & 0o170_022) === 0o040_000;
  if (isPrivate) return;
  throw new StartError(`${parent} must be a directory that belongs to this user and that nobody else can write to`);
}

/** Makes the directory, for this user alone, and clears away those of clusters that were killed. */
export function createRuntimeDirectory(appName: string, user?: ChildUser): RuntimeDirectory {
  if (!socketsAreFiles) {
    const prefix = `${pipePrefix}sc-${appName}-${process.pid}-${Date.now().toString(36)}-`;
    return {
      socketPath: (name) => prefix + name,
      controlPath: prefix + controlSuffix.slice(1),
      remove: () => undefined,
    };
  }
  const parent = parentDirectory();
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  refuseForeign(parent);
  removeLeftovers(parent);
  const named = join(parent, `${appName}-${process.pid}-`);
  const short = join(parent, `${createHash('sha256').update(appName).digest('hex').slice(0, 8)}-${process.pid}-`);
  const longestName = 'XXXXXX'.length + controlSuffix.length;
  // mkdtemp makes it with mode 0700.
  const path = mkdtempSync(named.length + longestName <= longestSocketPath ? named : short);
  // The children make their sockets in it. Its parent lets them pass, and see nothing.
  if (user !== undefined) {
    chmodSync(parent, 0o711);
    chownSync(path, user.uid, user.gid);
  }
  return {
    socketPath: (name) => join(path, `${name}.sock`),
    controlPath: path + controlSuffix,
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
