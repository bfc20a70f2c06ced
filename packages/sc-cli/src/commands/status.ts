import type { Command } from 'commander';
import { searchClusters } from 'sc-server/tools';
import { CliError } from '../exit.js';
import { describeStatus } from '../shared/describe-status.js';
import { examples } from '../shared/examples.js';
import {
  addClusterChoice,
  controlPathOf,
  describeSilent,
  pickCluster,
  type ClusterChoice,
} from '../shared/pick-cluster.js';
import type { Terminal } from '../terminal.js';

/** Adds `status`. */
export function statusCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('status')
    .summary('show the running clusters of this user')
    .description(
      'Shows the running clusters of this user on this host, process by process. Ends with 1 when none runs.',
    )
    .option('--json', 'print JSON: an array of clusters')
    .addHelpText('after', examples('sc status', 'sc status --json'));
  addClusterChoice(command).action(async (flags: ClusterChoice & { readonly json?: boolean }) => {
    const hasChoice = flags.app !== undefined || flags.pid !== undefined;
    const { found, silent } = hasChoice
      ? { found: [await pickCluster(flags)], silent: [] }
      : await searchClusters(controlPathOf(flags));
    const statuses = found.map(({ status }) => status);
    if (flags.json === true) terminal.print(JSON.stringify(statuses));
    if (statuses.length > 0 && flags.json !== true) terminal.print(statuses.map(describeStatus).join('\n\n'));
    if (silent.length > 0) throw new CliError(describeSilent(silent));
    if (statuses.length === 0) throw new CliError('No cluster of this user runs on this host');
  });
}
