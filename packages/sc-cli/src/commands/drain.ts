import type { Command } from 'commander';
import { askCluster } from 'sc-server/tools';
import { examples } from '../shared/examples.js';
import { wholeNumber } from '../shared/numbers.js';
import { addClusterChoice, pickCluster, type ClusterChoice } from '../shared/pick-cluster.js';
import type { Terminal } from '../terminal.js';

interface DrainFlags extends ClusterChoice {
  readonly over?: number;
  readonly json?: boolean;
}

/** Adds `drain`. */
export function drainCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('drain')
    .summary('send the clients of a running cluster away, and end it')
    .description(
      'Takes no more connections, sends the clients away one after the other, and ends the cluster. Ends when nothing is left.',
    )
    .option(
      '--over <ms>',
      'time over which the clients are sent away; by default the drainTime of the cluster',
      wholeNumber(0),
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('sc drain', 'sc drain --over 30000'));
  addClusterChoice(command).action(async (flags: DrainFlags) => {
    const { path, status } = await pickCluster(flags);
    const { over: overMs } = flags;
    await askCluster(path, { command: 'drain', ...(overMs !== undefined && { overMs }) }, { deadlineMs: 0 });
    const { appName } = status;
    terminal.print(flags.json === true ? JSON.stringify({ appName, stopped: true }) : `${appName} has ended.`);
  });
}
