import type { Command } from 'commander';
import { askCluster } from 'sc-server/tools';
import { examples } from '../shared/examples.js';
import { addClusterChoice, pickCluster, type ClusterChoice } from '../shared/pick-cluster.js';
import type { Terminal } from '../terminal.js';

/** Adds `stop`. */
export function stopCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('stop')
    .summary('end a running cluster')
    .description(
      'Ends a cluster as SIGTERM does: no more connections, and every process may finish. Ends when nothing is left.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('sc stop', 'sc stop --app myapp'));
  addClusterChoice(command).action(async (flags: ClusterChoice & { readonly json?: boolean }) => {
    const { path, status } = await pickCluster(flags);
    await askCluster(path, 'stop', { deadlineMs: 0 });
    const { appName } = status;
    terminal.print(flags.json === true ? JSON.stringify({ appName, stopped: true }) : `${appName} has ended.`);
  });
}
