import { readFile } from 'node:fs/promises';

/** The state letter and the parent of a process, from `/proc`; `undefined` where there is none or the process has ended. */
export async function statOf(pid: number): Promise<{ readonly state: string; readonly parent: number } | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands in parentheses and may hold any character.
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

/** The arguments of a process, from `/proc`; none where they cannot be read. */
export async function argumentsOf(pid: number): Promise<readonly string[]> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  } catch {
    return [];
  }
}
