import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from 'sc-protocol';

/** Takes the folder for this store. Throws `StartError` if another one has it. Returns what gives it back. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock');
  // The start beside the id, because a restarted container gives the same id again.
  const owner = `${process.pid} ${Math.round(performance.timeOrigin)}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, owner, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // A file in the place of the folder is EEXIST too.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !existsSync(path)) {
      throw new StartError(`The store cannot use ${folder}: ${(error as Error).message}`, undefined, { cause: error });
    }
    const before = readFileSync(path, 'utf8');
    if (before === owner || isRunning(Number(before.split(' ')[0]))) {
      throw new StartError(`The store cannot use ${folder}: process ${String(before.split(' ')[0])} does`);
    }
    writeFileSync(path, owner);
  }
  return () => rmSync(path, { force: true });
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
