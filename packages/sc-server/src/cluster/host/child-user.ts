import { execFileSync } from 'node:child_process';
import { hasUsers } from './platform.js';

/** The user that child processes run as. */
export interface ChildUser {
  readonly uid: number;
  readonly gid: number;
}

/** Describes the problem of a value of `downgradeToUser`. */
export function userProblem(value: unknown): string | undefined {
  if (value === false) return undefined;
  if (typeof value !== 'string' && !(typeof value === 'number' && Number.isInteger(value) && value >= 0)) {
    return 'must be a user name, a user id or false';
  }
  if (!hasUsers) return 'is not available on Windows';
  if (process.getuid?.() !== 0) return 'needs a supervisor that runs as root';
  return lookUp(value) === undefined ? 'must be a user of this host' : undefined;
}

/** Returns the ids of a user. Requires a value that {@link userProblem} has accepted. */
export function findChildUser(user: string | number | false): ChildUser | undefined {
  return user === false ? undefined : lookUp(user);
}

function lookUp(user: string | number): ChildUser | undefined {
  // `id` would parse such a name as an option.
  if (String(user).startsWith('-')) return undefined;
  try {
    const ask = (what: '-u' | '-g') =>
      Number(execFileSync('id', [what, String(user)], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
    return { uid: ask('-u'), gid: ask('-g') };
  } catch {
    return undefined; // There is no such user.
  }
}
