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

/** Milliseconds between two touches of the lock file. */
const beatMs = 1000;
/** Age of the last touch after which a lock is stale, if its process cannot be checked from here. */
export const staleMs = 10_000;
/** Milliseconds that a succession claim is kept. */
const claimMs = 3_600_000;
/**
 * If the last check of the lock file is older than this, the holder checks it again before a write, as it may have been
 * suspended.
 */
const trustMs = staleMs / 3;

export interface LockOptions {
  /** Called when another process has taken the folder. This process must no longer write to it. */
  readonly onLost: (error: Error) => void;
  /** A monotonic clock, in milliseconds. @default performance.now */
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

  /** Creates the folder if it is missing, and locks it. Throws `StartError` if another store holds the lock. */
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

  /**
   * Throws if this store has lost the folder. Reads the files only if the last check is too old, or with `mustLook`.
   */
  check(mustLook = false): void {
    if (this.#lost !== undefined) throw this.#lost;
    if (mustLook || this.#monotonic() - this.#seenAt > trustMs) this.#look();
  }

  /** Releases the folder. */
  release(): void {
    clearInterval(this.#timer);
    closeSync(this.#fd);
    if (this.#lost !== undefined) return;
    // Create a succession claim first, like a process that takes the folder over. It prevents a takeover during the
    // release, so the lock of a successor is not removed.
    const last = { ...this.#holder, incarnation: makeHolder().incarnation };
    const claim = claimPath(this.#folder, this.#holder.incarnation);
    if (!create(claim, last)) return;
    if (presentHolder(this.#folder)?.name === last.incarnation) rmSync(join(this.#folder, 'lock'), { force: true });
    rmSync(claim, { force: true });
  }

  async #beat(): Promise<void> {
    try {
      // The write sets the modification time by the file system's clock, the one that other processes compare with.
      await writeBytes(this.#fd, JSON.stringify(this.#holder), 0);
      this.check(true);
    } catch {
      // A lost lock is reported by `onLost`. Other errors: the next beat retries, and `check` blocks writes meanwhile.
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
  // Each turn ends with the lock, with an error, or because another process has changed the lock. Limit the retries.
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
    // The holder may have been replaced between reading the lock and creating the claim.
    const claimed = presentHolder(folder);
    if (claimed?.path === claim && (claimed.isEmpty || claimed.name === holder.incarnation)) {
      // The claim decides, and is kept: a predecessor that was suspended between these steps must see that it was
      // replaced.
      replaceLock(folder, holder);
      removeOldClaims(folder);
      return;
    }
    rmSync(claim, { force: true });
  }
  throw new StartError(`The store cannot use ${folder}: other processes are taking it at the same time`);
}

/** The process that holds the folder, if it runs or its state is unknown (e.g. in another container). */
export function runningHolder(folder: string): { readonly pid: number } | undefined {
  const holder = presentHolder(folder)?.holder;
  return holder === undefined || isRunning(holder) === false ? undefined : { pid: holder.pid };
}

interface Present {
  /** The name from which the file of a succession claim is derived. */
  readonly name: string;
  readonly path: string;
  /** `undefined` if the file does not contain a holder. */
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
  // A file without a holder was never a lock of this version. An empty one may be in creation by another process.
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

/** Milliseconds since the file was written, by the clock of its file system; `undefined` if it no longer exists. */
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

/** Creates the file if it does not exist. Returns whether this call created it. */
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
    // A full disk still has room for a directory entry. A claim needs no content: the lock written next names its
    // holder.
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
    // The disk is full: overwrite the existing content in place.
    writeFileSync(path, JSON.stringify(holder).padEnd(statSync(path).size), { flag: 'r+' });
  }
}

/** Removes claims too old to be part of a takeover in progress, and leftovers of crashes. */
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
