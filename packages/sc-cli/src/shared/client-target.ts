import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { askCluster, type ActionResult } from 'sc-server/tools';
import { CliError } from '../exit.js';
import type { Terminal } from '../terminal.js';
import { addClusterChoice, pickCluster, type ClusterChoice } from './pick-cluster.js';

export interface TargetFlags extends ClusterChoice {
  readonly id?: string;
  readonly user?: string;
  readonly json?: boolean;
}

/** Deadline of an action, which every worker has to answer. */
const actionDeadlineMs = 10_000;

/** Adds the flags that select the clients of an action. */
export function addTargetFlags(command: Command): Command {
  return addClusterChoice(
    command
      .option('--id <id>', 'the client with this socket id, as in `sc clients`')
      .option('--user <user>', 'every client of this user')
      .option('--json', 'print JSON'),
  );
}

/** Sends the action for the selected clients to the cluster, and prints the number of clients it reached. */
export async function actOnClients(
  terminal: Terminal,
  flags: TargetFlags,
  {
    done,
    ...request
  }: { readonly command: 'disconnect' | 'kick' | 'revoke'; readonly done: string; readonly [field: string]: unknown },
): Promise<void> {
  const target = targetOf(flags);
  const { path } = await pickCluster(flags);
  // JSON omits fields without a value.
  const given = { ...request, ...target } as never;
  const result = (await askCluster(path, given, { deadlineMs: actionDeadlineMs })) as ActionResult;
  terminal.print(flags.json === true ? JSON.stringify(result) : describeAction(done, result));
}

/** The target, and the acting user for the log of the cluster. */
function targetOf({ id, user }: TargetFlags): object {
  if ((id === undefined) === (user === undefined)) throw new CliError('Give either --id or --user', 2);
  return { ...(id === undefined ? { user } : { id }), by: ownName() };
}

function describeAction(done: string, { sockets, missing }: ActionResult): string {
  const count = `${sockets} ${sockets === 1 ? 'client' : 'clients'} ${done}.`;
  return missing.length === 0 ? count : `${count} Worker ${missing.join(', ')} did not answer yet.`;
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // A user id without a user entry, as in containers.
  }
}
