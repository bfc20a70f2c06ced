import { Argument, type Command } from 'commander';
import { askCluster } from 'sc-server/tools';
import { examples } from '../shared/examples.js';
import { addClusterChoice, pickCluster, type ClusterChoice } from '../shared/pick-cluster.js';
import type { Terminal } from '../terminal.js';

const levels = ['silent', 'error', 'warn', 'info', 'debug'] as const;

/** Adds `log-level <level>`. */
export function logLevelCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('log-level')
    .addArgument(new Argument('<level>', 'what is logged from now on').choices(levels))
    .summary('change what a running cluster logs')
    .description(
      'Changes the log level of every process of a running cluster, and of those that start later, until the cluster ends.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('sc log-level debug', 'sc log-level info --app myapp'));
  addClusterChoice(command).action(
    async (level: (typeof levels)[number], flags: ClusterChoice & { readonly json?: boolean }) => {
      const { path, status } = await pickCluster(flags);
      await askCluster(path, { command: 'log-level', level }, { deadlineMs: 5_000 });
      const { appName } = status;
      terminal.print(flags.json === true ? JSON.stringify({ appName, level }) : `${appName} logs ${level}.`);
    },
  );
}
