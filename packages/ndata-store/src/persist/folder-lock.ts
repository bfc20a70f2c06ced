import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  write,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartError, StoreError } from 'sc-protocol';
import { isRunning, makeHolder } from './process-identity.js';
import type { Holder } from './process-identity.js';

const writeBytes = promisify(write);

/** Milliseconds between two signs of life in the lock file. */
const beatMs = 1000;
/** A lock of a process that cannot be seen from here is stale when its last sign of life is older than this. */
export const staleMs = 10_000;
/** Milliseconds that the claim of a process that took a folder over is kept. */
const claimMs = 3_600_000;
/** Without a look at the lock file for so long, the holder looks before it writes: it may have been stopped. */
const trustMs = staleMs / 3;

export interface LockOptions {
  /** Another process has taken the folder: this one must not write to it any more. */
  readonly onLost: (error: Error) => void;
  /** A clock that never goes back, in milliseconds. @default performance.now */
  readonly monotonic?: () => number;
}

/**
 * Restricts a folder to one store. Node has no advisory kernel locks (`flock`), and neither locks nor sockets work
 * across all network file systems and containers; a process id is meaningless in another container and may be reused.
 * Therefore the lock is a file with a random incarnation, which its holder touches every second.
 *
 * A holder whose process has verifiably exited is replaced immediately, any other holder when its last touch is ten
 * seconds old. The first process to replace an incarnation creates a file named after it, which only one process can
 * do. A holder that was suspended for long checks that it still has the lock before it writes.
 */
export class FolderLock {
  readonly #folder: string;
  readonly #holder: Holder;
  readonly #options: LockOptions;
  readonly #monotonic: () => number;
  readonly #fd: number;
  readonly #timer: NodeJS.Timeout;
  #seenAt: number;
  #lost: Error | undefined;

  /** Takes the folder, which is made. Throws `StartError` if another store has it. */
  constructor(folder: string, options: LockOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#monotonic = options.monotonic ?? (() => performance.now());
    this.#holder = makeHolder();
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      acquire(folder, this.#holder);
      this.#fd = openSync(join(folder, 'lock'), 'r+');
    } catch (error) {
      if (error instanceof StartError) throw error;
      throw new StartError(`The store cannot use ${folder}: ${(error as Error).message}`, undefined, { cause: error });
    }
    this.#seenAt = this.#monotonic();
    this.#timer = setInterval(() => void this.#beat(), beatMs);
    this.#timer.unref();
  }

  /** Throws when the folder is not this store's any more. Looks at the files only if that was long ago, or `mustLook`. */
  check(mustLook = false): void {
    if (this.#lost !== undefined) throw this.#lost;
    if (mustLook || this.#monotonic() - this.#seenAt > trustMs) this.#look();
  }

  /** Gives the folder back. */
  release(): void {
    clearInterval(this.#timer);
    closeSync(this.#fd);
    if (this.#lost !== undefined) return;
    // The same step as for a process that takes the folder over: none does meanwhile, and no successor's lock is removed.
    const last = { ...this.#holder, incarnation: makeHolder().incarnation };
    const claim = claimPath(this.#folder, this.#holder.incarnation);
    if (!create(claim, last)) return;
    if (presentHolder(this.#folder)?.name === last.incarnation) rmSync(join(this.#folder, 'lock'), { force: true });
    rmSync(claim, { force: true });
  }

  async #beat(): Promise<void> {
    try {
      // The file system's own clock dates it, which is the one that others compare with.
      await writeBytes(this.#fd, JSON.stringify(this.#holder), 0);
      this.check(true);
    } catch {
      // Told by `onLost`, or the next beat tries again; `check` lets no write pass meanwhile.
    }
  }

  #look(): void {
    const from = this.#monotonic();
    if (presentHolder(this.#folder)?.name === this.#holder.incarnation) {
      this.#seenAt = from;
      return;
    }
    if (this.#lost === undefined) {
      this.#lost = new StoreError(`The store has lost its folder ${this.#folder} to another process`, {
        remedy:
          'Run one store per folder. Writes since then were refused; restart this store with a folder of its own.',
      });
      clearInterval(this.#timer);
      this.#options.onLost(this.#lost);
    }
    throw this.#lost;
  }
}

function acquire(folder: string, holder: Holder): void {
  const path = join(folder, 'lock');
  // Each turn ends with the lock, with an error, or because others have changed it: that cannot go on for long.
  for (let turn = 0; turn < 10; turn++) {
    if (create(path, holder)) {
      removeOldClaims(folder);
      return;
    }
    const present = presentHolder(folder);
    if (present === undefined) continue;
    refuseIfAlive(folder, present);
    const claim = claimPath(folder, present.name);
    if (!create(claim, holder)) continue;
    // It may have been replaced between the look at it and the claim.
    const claimed = presentHolder(folder);
    if (claimed?.path === claim && (claimed.isEmpty || claimed.name === holder.incarnation)) {
      // The claim decides, and stays: a predecessor that was stopped between these steps finds that it was replaced.
      replaceLock(folder, holder);
      removeOldClaims(folder);
      return;
    }
    rmSync(claim, { force: true });
  }
  throw new StartError(`The store cannot use ${folder}: other processes are taking it at the same time`);
}

/** The process that has the folder, if it runs, or may: in another container that cannot be known. */
export function runningHolder(folder: string): { readonly pid: number } | undefined {
  const holder = presentHolder(folder)?.holder;
  return holder === undefined || isRunning(holder) === false ? undefined : { pid: holder.pid };
}

interface Present {
  /** The name from which the file of a succession claim is derived. */
  readonly name: string;
  readonly path: string;
  /** Unless the file holds something else. */
  readonly holder: Holder | undefined;
  readonly isEmpty: boolean;
}

/**
 * The present holder of the folder: the holder in the lock file, or the process at the end of the chain of succession
 * claims.
 */
function presentHolder(folder: string): Present | undefined {
  let path = join(folder, 'lock');
  for (;;) {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const holder = parseHolder(text);
    const name = holder?.incarnation ?? 'unknown';
    const claim = claimPath(folder, name);
    if (claim === path || !existsSync(claim)) return { name, path, holder, isEmpty: text === '' };
    path = claim;
  }
}

function refuseIfAlive(folder: string, { path, holder, isEmpty }: Present): void {
  // A file without a holder was never a lock of this version. An empty one may just be being made.
  if (holder === undefined && !isEmpty) return;
  const running = holder === undefined ? undefined : isRunning(holder);
  if (running === false) return;
  const ageMs = ageOf(folder, path) ?? 0;
  if (running === undefined && ageMs > staleMs) return;
  const who = holder === undefined ? 'another process' : `process ${holder.pid}`;
  const where = running === true ? 'which runs' : `in another container or on another host, last seen ${ageMs} ms ago`;
  throw new StartError(`The store cannot use ${folder}: it belongs to ${who}, ${where}`, {
    remedy: `Give each store a folder of its own. A lock that is left over can be taken ${staleMs / 1000} s after its last sign of life.`,
  });
}

/** Milliseconds since the file was written, by the clock of its file system; `undefined` when it is gone. */
function ageOf(folder: string, path: string): number | undefined {
  const probe = join(folder, `lock.now-${makeHolder().incarnation}`);
  try {
    writeFileSync(probe, '', { mode: 0o600 });
    return Math.round(Math.max(0, statSync(probe).mtimeMs - statSync(path).mtimeMs));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Returns whether this call made the file. */
function create(path: string, holder: Holder): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(fd, JSON.stringify(holder));
  } catch (error) {
    // A full disk has room for a name. A claim does not need more: the lock that follows says whose it is.
    if (path.endsWith('lock') || (error as NodeJS.ErrnoException).code !== 'ENOSPC') {
      rmSync(path, { force: true });
      throw error;
    }
  } finally {
    closeSync(fd);
  }
  return true;
}

function replaceLock(folder: string, holder: Holder): void {
  const path = join(folder, 'lock');
  const temporary = join(folder, `lock.new-${holder.incarnation}`);
  try {
    writeFileSync(temporary, JSON.stringify(holder), { mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    // Overwrite the existing content in place.
    writeFileSync(path, JSON.stringify(holder).padEnd(statSync(path).size), { flag: 'r+' });
  }
}

/** Removes claims that no process can be in the middle of any more, and what crashes have left. */
function removeOldClaims(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith('lock.')) continue;
    const path = join(folder, name);
    const ageMs = ageOf(folder, path);
    if (ageMs !== undefined && ageMs > claimMs) rmSync(path, { force: true });
  }
}

function claimPath(folder: string, name: string): string {
  return join(folder, `lock.after-${name}`);
}

function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    const { incarnation, pid, startedAt, pidSpace } = holder ?? {};
    const isWhole =
      typeof incarnation === 'string' &&
      /^[0-9a-f]+$/.test(incarnation) &&
      typeof pid === 'number' &&
      typeof startedAt === 'string' &&
      typeof pidSpace === 'string';
    return isWhole ? { incarnation, pid, startedAt, pidSpace } : undefined;
  } catch {
    return undefined;
  }
}
