import { readFile } from 'node:fs/promises';

/**
 * Returns the state letter and the parent of a process from `/proc`, or `undefined` if there is no `/proc` or the
 * process has exited.
 */
export async function statOf(pid: number): Promise<{ readonly state: string; readonly parent: number } | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The program name is in parentheses and may contain any character.
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

/** Returns the arguments of a process from `/proc`, or an empty list if they cannot be read. */
export async function argumentsOf(pid: number): Promise<readonly string[]> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  } catch {
    return [];
  }
}
