import { argumentsOf, statOf } from './process-info.js';

/** Allows for a shell and a package manager in between. */
const maxAncestors = 6;

/**
 * Reports whether nodemon is an ancestor of this process. It sends SIGUSR2 to restart a program, and waits for its
 * exit. Detected on Linux only; elsewhere nodemon needs `--signal SIGTERM`.
 */
export async function isRunByNodemon(pid = process.ppid): Promise<boolean> {
  let ancestor = pid;
  for (let i = 0; i < maxAncestors && ancestor > 1; i++) {
    const words = await argumentsOf(ancestor);
    // The program, or the script if the program is Node.
    if (words.slice(0, 2).some((word) => /(^|\/)nodemon(\.js)?$/.test(word))) return true;
    ancestor = (await statOf(ancestor))?.parent ?? 0;
  }
  return false;
}
