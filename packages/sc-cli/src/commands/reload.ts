import type { Command } from 'commander';
import { askCluster } from 'sc-server/tools';
import { examples } from '../shared/examples.js';
import { addClusterChoice, pickCluster, type ClusterChoice } from '../shared/pick-cluster.js';
import type { Terminal } from '../terminal.js';

/** Adds `reload`. */
export function reloadCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('reload')
    .summary('replace the workers of a running cluster')
    .description(
      'Replaces the workers one by one with fresh code. Ends when all are replaced, or with 1 when one did not start.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('sc reload', 'sc reload --app myapp'));
  addClusterChoice(command).action(async (flags: ClusterChoice & { readonly json?: boolean }) => {
    const { path, status } = await pickCluster(flags);
    await askCluster(path, 'reload', { deadlineMs: 0 });
    const { appName } = status;
    terminal.print(flags.json === true ? JSON.stringify({ appName, reloaded: true }) : `${appName} runs fresh code.`);
  });
}
