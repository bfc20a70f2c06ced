import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identifies the holder of a folder. */
export interface Holder {
  /** Random id, unique among all holders. */
  readonly incarnation: string;
  readonly pid: number;
  /** Start of the process by the kernel's clock. Distinguishes it from a later process with the same id. */
  readonly startedAt: string;
  /** The boot of the machine and the namespace that the pid belongs to. */
  readonly pidSpace: string;
}

/** This process, as the holder of one folder. */
export function makeHolder(): Holder {
  return {
    incarnation: randomBytes(12).toString('hex'),
    pid: process.pid,
    startedAt: startOf(process.pid) ?? '',
    pidSpace: pidSpace(),
  };
}

/** Whether the holder's process runs; `undefined` if unknown, as for a process in another container. */
export function isRunning(holder: Holder): boolean | undefined {
  if (holder.pidSpace !== pidSpace()) return undefined;
  if (holder.startedAt !== '') return startOf(holder.pid) === holder.startedAt;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? undefined : false;
  }
  // Without a start time, it may be another process with the same id.
  return holder.pid === process.pid ? true : undefined;
}

/** Identifies the boot and the pid namespace. Process ids are comparable only within both. */
function pidSpace(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    // Other systems have no pid namespaces.
    return `host ${hostname()}`;
  }
}

/** The start of a process in clock ticks since boot; `undefined` if it does not run or the system has no `/proc`. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The process name is in parentheses and may contain any character. A zombie (Z) or dead (X) process holds no
    // folder.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
