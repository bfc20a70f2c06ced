import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { ActionResult } from 'sc-server/tools';
import { CliError } from '../exit.js';
import { addClusterChoice, type ClusterChoice } from './pick-cluster.js';

export interface TargetFlags extends ClusterChoice {
  readonly id?: string;
  readonly user?: string;
  readonly json?: boolean;
}

/** How long an action may take: every worker is asked. */
export const actionDeadlineMs = 10_000;

/** The flags that say which clients an action is about. */
export function addTargetFlags(command: Command): Command {
  return addClusterChoice(
    command
      .option('--id <id>', 'the client with this socket id, as in `sc clients`')
      .option('--user <user>', 'every client of this user')
      .option('--json', 'print JSON'),
  );
}

/** The target, and who acts, for the log of the cluster. */
export function targetOf({ id, user }: TargetFlags): object {
  if ((id === undefined) === (user === undefined)) throw new CliError('Give either --id or --user', 2);
  return { ...(id === undefined ? { user } : { id }), by: ownName() };
}

export function describeAction(done: string, { sockets, missing }: ActionResult): string {
  const count = `${sockets} ${sockets === 1 ? 'client' : 'clients'} ${done}.`;
  return missing.length === 0 ? count : `${count} Worker ${missing.join(', ')} did not answer yet.`;
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // A user id without an entry, as in containers.
  }
}
