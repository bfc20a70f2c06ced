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
  /** Parent of the directory. If omitted, it is in the folder of temporary files. */
  readonly runtimeDirectory: string | undefined;
  /** Path of the control socket. If omitted, it is next to the directory. */
  readonly controlPath: string | undefined;
  readonly childUser: ChildUser | undefined;
  /** @default the system's folder, which `TMPDIR` overrides */
  readonly temporaryFolder?: string;
}

/**
 * The private directory of one cluster's unix sockets, or the prefix of its named pipes on Windows. It belongs to one
 * run of the cluster and has a random name: process ids are not unique across containers that share the folder.
 */
export interface RuntimeDirectory {
  /** `undefined` on platforms where sockets are not files. */
  readonly path: string | undefined;
  socketPath(name: string): string;
  /** Returns the path of a folder that a child creates in the directory; it is removed with the directory. */
  folderPath(name: string): string | undefined;
  /** Path of the control socket. By default it is next to the directory, where the children's user cannot access it. */
  readonly controlPath: string;
  /** Removes files left behind by killed clusters. */
  removeLeftovers(): Promise<void>;
  /**
   * Calls back when files may have been removed, after recreating the directory. Also updates file times, so that
   * cleaners of temporary files keep the files.
   */
  guard(onLoss: () => void): void;
  /** Removes the directory. Idempotent. */
  remove(): void;
}

/** Maximum path length of a unix socket, without the terminating zero. Longer paths are truncated without an error. */
const longestSocketPath = process.platform === 'linux' ? 107 : 103;
/** At least as long as the name of any socket in the directory: role, id and generation. */
const longestSocketName = '/w255-99999.sock';
const controlSuffix = '.control.sock';
const randomLength = 12;

/** Returns the control sockets of this user's clusters, including killed ones. */
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

/** Creates the directory with access for this user only. Throws `StartError` if it cannot be created. */
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
    // The children create their sockets in the directory. They can traverse its parent, but not list it.
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

/** Returns existing private directories of this user's other clusters. */
function parentDirectories(runtimeDirectory: string | undefined, temporaryFolder: string): string[] {
  if (runtimeDirectory !== undefined) return isPrivate(runtimeDirectory) ? [runtimeDirectory] : [];
  const place = fittingPlace(temporaryFolder);
  const name = ownName();
  return listNames(place)
    .filter((one) => one === name || (one.startsWith(`${name}-`) && /^[0-9a-f]{8}$/.test(one.slice(name.length + 1))))
    .map((one) => join(place, one))
    .filter(isPrivate);
}

/**
 * Creates the parent directory. In a world-writable folder another user may have created a directory of this name; then
 * falls back to a random name.
 */
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

/** Reports whether only this user can change the directory. Checks the owner too: an owner can replace its contents. */
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

/** Returns the folder of temporary files, or `/tmp` if its path is too long for socket paths. */
function fittingPlace(place: string): string {
  const least = join(place, ownName(), 'x'.repeat(randomLength) + longestSocketName);
  return Buffer.byteLength(least) <= longestSocketPath ? place : '/tmp';
}

/**
 * Returns a path with the application name if it fits, otherwise with a prefix of its hash, otherwise without either.
 */
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

/**
 * Removes directories of killed clusters. A running cluster listens on at least one of its sockets, even in another
 * container.
 */
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

/** Removes the directory and its contents as far as possible. */
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
    // It does not exist, or contains files that cannot be removed.
  }
}

const removeScript = "require('node:fs').rmSync(process.argv[1], { recursive: true, force: true })";

/**
 * Removes a folder that a store has created. If the directory belongs to the children's user, that user could replace a
 * folder with a symbolic link, which a supervisor running as root would follow; so a process of that user removes it.
 */
function removeFolder(path: string, name: string): void {
  const folder = join(path, name);
  try {
    const { uid, gid } = lstatSync(path);
    if (uid === process.getuid?.()) rmSync(folder, { recursive: true, force: true });
    else spawnSync(process.execPath, ['-e', removeScript, folder], { uid, gid, stdio: 'ignore', timeout: 10_000 });
  } catch {
    // It does not exist or cannot be removed.
  }
}

function listNames(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // It does not exist.
  }
}
