import type { Command } from 'commander';
import { searchClusters, type FoundCluster, type SilentCluster } from 'sc-server/tools';
import { CliError } from '../exit.js';

export interface ClusterChoice {
  readonly app?: string;
  readonly pid?: string;
  readonly control?: string;
}

/** Adds the flags that select one of several clusters. */
export function addClusterChoice(command: Command): Command {
  return command
    .option('-a, --app <name>', 'the cluster with this appName')
    .option('--pid <pid>', 'the cluster whose supervisor is this process')
    .option('--control <path>', 'the cluster with this controlPath; SC_CONTROL_PATH does the same');
}

/** The path of the control socket given by a flag or the environment. */
export function controlPathOf({ control }: ClusterChoice): string | undefined {
  const path = control ?? process.env['SC_CONTROL_PATH'];
  return path === '' ? undefined : path;
}

/** Describes running clusters that do not respond. */
export function describeSilent(silent: readonly SilentCluster[]): string {
  return silent.map(({ path, error }) => `A cluster runs and does not answer at ${path}: ${error.message}`).join('\n');
}

/** Selects one running cluster of this user. */
export async function pickCluster(choice: ClusterChoice): Promise<FoundCluster> {
  const { app, pid } = choice;
  const { found: all, silent } = await searchClusters(controlPathOf(choice));
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
  if (silent.length > 0) throw new CliError(describeSilent(silent));
  throw new CliError(`No cluster${which} of this user runs on this host${running}`);
}
