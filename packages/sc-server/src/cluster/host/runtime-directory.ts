import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from 'sc-protocol';
import type { ChildUser } from './child-user.js';
import { guardFiles } from './guard-files.js';
import { pipePrefix, socketsAreFiles } from './platform.js';

export interface RuntimeDirectoryOptions {
  readonly appName: string;
  /** Where the directory is made; the folder of temporary files without it. */
  readonly runtimeDirectory: string | undefined;
  /** Where the supervisor listens for commands; beside the directory without it. */
  readonly controlPath: string | undefined;
  readonly childUser: ChildUser | undefined;
  /** @default that of the system, which `TMPDIR` names */
  readonly temporaryFolder?: string;
}

/**
 * The private directory of one cluster's unix sockets, or the prefix of its named pipes on Windows. It belongs to one
 * incarnation of the cluster and has a random name: process ids mean nothing in another container that shares the folder.
 */
export interface RuntimeDirectory {
  /** Undefined where sockets are no files. */
  readonly path: string | undefined;
  socketPath(name: string): string;
  /** The path of a folder within the directory that a child makes; it goes with the directory. */
  folderPath(name: string): string | undefined;
  /** Where the supervisor listens for commands. By default it lies beside the directory, out of the reach of the children's user. */
  readonly controlPath: string;
  /** Removes what clusters that were killed have left. */
  removeLeftovers(): Promise<void>;
  /** Calls back when a file may have been removed, after having made the directory again. Also keeps cleaners away. */
  guard(onLoss: () => void): void;
  /** Removes the directory. May be repeated. */
  remove(): void;
}

/** The longest path that the system takes for a unix socket, without the final zero. A longer one is cut without an error. */
const longestSocketPath = process.platform === 'linux' ? 107 : 103;
/** Longer than the name of any socket within the directory: role, id and generation. */
const longestSocketName = '/w255-99999.sock';
const controlSuffix = '.control.sock';
const randomLength = 12;

/** The control sockets of this user's clusters, of those that were killed too. */
export function controlSockets(runtimeDirectory?: string, temporaryFolder = tmpdir()): string[] {
  if (!socketsAreFiles) {
    const isControl = (name: string) => name.startsWith('sc-') && name.endsWith(controlSuffix.slice(1));
    return readdirSync(pipePrefix)
      .filter(isControl)
      .map((name) => pipePrefix + name);
  }
  return parentDirectories(runtimeDirectory, temporaryFolder).flatMap((parent) =>
    readdirSync(parent)
      .filter((name) => name.endsWith(controlSuffix))
      .map((name) => join(parent, name)),
  );
}

/** Makes the directory, for this user alone. Throws `StartError` when there is no place for it. */
export function createRuntimeDirectory(options: RuntimeDirectoryOptions): RuntimeDirectory {
  const { appName, childUser } = options;
  const incarnation = randomBytes(randomLength / 2).toString('hex');
  if (!socketsAreFiles) {
    const prefix = `${pipePrefix}sc-${appName}-${incarnation}-`;
    return {
      path: undefined,
      socketPath: (name) => prefix + name,
      folderPath: () => undefined,
      controlPath: options.controlPath ?? prefix + controlSuffix.slice(1),
      removeLeftovers: () => Promise.resolve(),
      guard: () => undefined,
      remove: () => undefined,
    };
  }
  const parent = makeParent(options.runtimeDirectory, options.temporaryFolder ?? tmpdir());
  const path = fittingPath(parent, appName, incarnation);
  const controlPath = options.controlPath ?? path + controlSuffix;
  if (Buffer.byteLength(controlPath) > longestSocketPath) {
    throw tooLong('controlPath', controlPath, Buffer.byteLength(controlPath), longestSocketPath);
  }
  const make = () => {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    mkdirSync(path, { mode: 0o700 });
    // The children make their sockets in it. Its parent lets them pass, and see nothing.
    if (childUser === undefined) return;
    chmodSync(parent, 0o711);
    chownSync(path, childUser.uid, childUser.gid);
  };
  make();
  let endGuard = (): void => undefined;
  return {
    path,
    controlPath,
    socketPath: (name) => join(path, `${name}.sock`),
    folderPath: (name) => join(path, name),
    removeLeftovers: () => removeLeftovers(parent),
    guard(onLoss) {
      endGuard = guardFiles(path, controlPath, make, onLoss);
    },
    remove() {
      endGuard();
      removeDirectory(path);
    },
  };
}

/** Directories of earlier or other clusters of this user, that exist and are safe. */
function parentDirectories(runtimeDirectory: string | undefined, temporaryFolder: string): string[] {
  if (runtimeDirectory !== undefined) return isPrivate(runtimeDirectory) ? [runtimeDirectory] : [];
  const place = fittingPlace(temporaryFolder);
  const name = ownName();
  return listNames(place)
    .filter((one) => one === name || (one.startsWith(`${name}-`) && /^[0-9a-f]{8}$/.test(one.slice(name.length + 1))))
    .map((one) => join(place, one))
    .filter(isPrivate);
}

/** Another user may have created the directory of this name in a world-writable folder. */
function makeParent(runtimeDirectory: string | undefined, temporaryFolder: string): string {
  if (runtimeDirectory !== undefined) {
    makeDirectory(runtimeDirectory);
    if (isPrivate(runtimeDirectory)) return runtimeDirectory;
    throw new StartError(
      `\`runtimeDirectory\` ${runtimeDirectory} must be a directory that belongs to this user and that no other user can write to`,
    );
  }
  const usual = join(fittingPlace(temporaryFolder), ownName());
  makeDirectory(usual);
  if (isPrivate(usual)) return usual;
  const [existing] = parentDirectories(undefined, temporaryFolder);
  if (existing !== undefined) return existing;
  const other = `${usual}-${randomBytes(4).toString('hex')}`;
  mkdirSync(other, { mode: 0o700 });
  return other;
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    throw new StartError(`The runtime directory ${path} cannot be made (${code ?? 'unknown error'})`, undefined, {
      cause,
    });
  }
}

/** The owner of a directory can exchange what is in it. */
function isPrivate(path: string): boolean {
  try {
    const { uid, mode } = lstatSync(path);
    return uid === process.getuid?.() && (mode & 0o170_022) === 0o040_000;
  } catch {
    return false; // It does not exist.
  }
}

function ownName(): string {
  return `sc-${process.getuid?.() ?? 0}`;
}

/** The folder of temporary files, or `/tmp` where its path is so long that no socket fits into it. */
function fittingPlace(place: string): string {
  const least = join(place, ownName(), 'x'.repeat(randomLength) + longestSocketName);
  return Buffer.byteLength(least) <= longestSocketPath ? place : '/tmp';
}

/** With the name of the application if that fits, else with a part of its hash, or without. */
function fittingPath(parent: string, appName: string, incarnation: string): string {
  const hash = createHash('sha256').update(appName).digest('hex').slice(0, 8);
  const longest = Math.max(longestSocketName.length, controlSuffix.length);
  const names = [`${appName}-${incarnation}`, `${hash}-${incarnation}`, incarnation];
  const fits = (name: string) => Buffer.byteLength(join(parent, name)) + longest <= longestSocketPath;
  const name = names.find(fits);
  if (name !== undefined) return join(parent, name);
  const most = longestSocketPath - longest - randomLength - 1;
  throw tooLong('runtimeDirectory', parent, Buffer.byteLength(parent), most);
}

function tooLong(option: string, path: string, length: number, limit: number): StartError {
  return new StartError(
    `\`${option}\` is too long for unix sockets: ${path} has ${length} bytes, at most ${limit} fit on this system`,
  );
}

/** A cluster that lives listens on at least one of its sockets, whatever container it runs in. */
async function removeLeftovers(parent: string): Promise<void> {
  for (const name of listNames(parent)) {
    if (!name.endsWith(controlSuffix)) continue;
    const control = join(parent, name);
    const directory = control.slice(0, -controlSuffix.length);
    if (!(await refusesConnections(control))) continue;
    const sockets = listNames(directory).map((one) => join(directory, one));
    const areDead = await Promise.all(sockets.map(refusesConnections));
    if (!areDead.every(Boolean)) continue;
    removeDirectory(directory);
    rmSync(control, { force: true });
  }
}

function refusesConnections(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED' || code === 'ENOENT'));
  });
}

/** Removes the directory with everything in it, as far as possible. */
function removeDirectory(path: string): void {
  for (const name of listNames(path)) {
    try {
      unlinkSync(join(path, name));
    } catch {
      removeFolder(path, name);
    }
  }
  try {
    rmdirSync(path);
  } catch {
    // It is gone, or holds what cannot be removed.
  }
}

const removeScript = "require('node:fs').rmSync(process.argv[1], { recursive: true, force: true })";

/**
 * Removes a folder that a store has made. Where the directory belongs to the user of the children, that user could put a link
 * where a folder was, and a supervisor that runs as root would follow it: so a process of that user removes it.
 */
function removeFolder(path: string, name: string): void {
  const folder = join(path, name);
  try {
    const { uid, gid } = lstatSync(path);
    if (uid === process.getuid?.()) rmSync(folder, { recursive: true, force: true });
    else spawnSync(process.execPath, ['-e', removeScript, folder], { uid, gid, stdio: 'ignore', timeout: 10_000 });
  } catch {
    // It is gone, or cannot be removed.
  }
}

function listNames(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // It does not exist.
  }
}
