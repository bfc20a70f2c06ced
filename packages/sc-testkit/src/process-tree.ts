import { readFileSync, readdirSync } from 'node:fs';

/** One running process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupPid: number;
  readonly command: string;
}

/** Whether the process exists and has not ended. A zombie is not alive. */
export function isAlive(pid: number): boolean {
  return readStat(pid) !== undefined;
}

/** The process and its descendants, parents first. Empty if the process has ended. Reads `/proc`: Linux only. */
export function processTree(pid: number): ProcessEntry[] {
  const all = runningProcesses();
  const tree = all.filter((entry) => entry.pid === pid);
  for (const parent of tree) tree.push(...all.filter((entry) => entry.parentPid === parent.pid));
  return tree;
}

/** All processes of a process group, even if their parents have ended. */
export function processGroup(groupPid: number): ProcessEntry[] {
  return runningProcesses().filter((entry) => entry.groupPid === groupPid);
}

function runningProcesses(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((entry) => entry !== undefined);
}

function readStat(pid: number): ProcessEntry | undefined {
  let stat: string;
  let command: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return undefined; // It ended.
  }
  // The second field is the program's name in parentheses, and may itself contain spaces and parentheses.
  const [state, parentPid, groupPid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  return { pid, parentPid: Number(parentPid), groupPid: Number(groupPid), command };
}
