import { argumentsOf, statOf } from './process-info.js';

/** A shell and a package manager may stand between. */
const maxAncestors = 6;

/**
 * Whether nodemon runs this process, at some distance. It sends SIGUSR2 to restart a program, and waits for its end. Only
 * Linux tells; elsewhere nodemon needs `--signal SIGTERM`.
 */
export async function isRunByNodemon(pid = process.ppid): Promise<boolean> {
  let ancestor = pid;
  for (let i = 0; i < maxAncestors && ancestor > 1; i++) {
    const words = await argumentsOf(ancestor);
    // The program, or the script that Node runs.
    if (words.slice(0, 2).some((word) => /(^|\/)nodemon(\.js)?$/.test(word))) return true;
    ancestor = (await statOf(ancestor))?.parent ?? 0;
  }
  return false;
}
