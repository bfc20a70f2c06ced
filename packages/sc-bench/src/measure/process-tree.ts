import { readFileSync, readdirSync } from 'node:fs';

/** The process and all its descendants. */
export function processTree(pid: number): number[] {
  const tree = [pid];
  for (let i = 0; i < tree.length; i++) {
    const parent = tree[i];
    if (parent === undefined) continue;
    for (const task of list(`/proc/${parent}/task`)) {
      const children = read(`/proc/${parent}/task/${task}/children`).trim();
      if (children !== '') tree.push(...children.split(' ').map(Number));
    }
  }
  return tree;
}

/** CPU time of all threads of the processes so far, in nanoseconds. */
export function cpuTimeNs(pids: readonly number[]): number {
  let total = 0;
  for (const pid of pids) {
    for (const task of list(`/proc/${pid}/task`)) {
      total += Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0]);
    }
  }
  return total;
}

/** Resident memory of the processes, in bytes. */
export function residentBytes(pids: readonly number[]): number {
  let total = 0;
  for (const pid of pids) {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
    total += Number(kilobytes ?? 0) * 1024;
  }
  return total;
}

/** Returns an empty string if the process has exited meanwhile, so that it counts as 0. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
