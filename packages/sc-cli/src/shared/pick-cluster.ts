import type { Command } from 'commander';
import { findClusters, type FoundCluster } from 'sc-server/tools';
import { CliError } from '../exit.js';

export interface ClusterChoice {
  readonly app?: string;
  readonly pid?: string;
}

/** The flags that say which of several clusters is meant. */
export function addClusterChoice(command: Command): Command {
  return command
    .option('-a, --app <name>', 'the cluster with this appName')
    .option('--pid <pid>', 'the cluster whose supervisor is this process');
}

/** The one running cluster of this user that is meant. */
export async function pickCluster({ app, pid }: ClusterChoice): Promise<FoundCluster> {
  const all = await findClusters();
  const fitting = all.filter(
    ({ status }) =>
      (app === undefined || status.appName === app) && (pid === undefined || String(status.supervisor.pid) === pid),
  );
  const [found, ...others] = fitting;
  if (found !== undefined && others.length === 0) return found;
  const list = (of: readonly FoundCluster[]) =>
    of.map(({ status }) => `${status.appName} (--pid ${status.supervisor.pid})`).join(', ');
  if (found !== undefined) throw new CliError(`Several clusters run; say which one: ${list(fitting)}`, 2);
  const which = app === undefined && pid === undefined ? '' : ' like that';
  const running = all.length === 0 ? '' : `; running: ${list(all)}`;
  throw new CliError(`No cluster${which} of this user runs on this host${running}`);
}
