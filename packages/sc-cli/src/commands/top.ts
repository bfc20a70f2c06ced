import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { askCluster, type FoundCluster } from 'sc-server/tools';
import { describeStatus } from '../shared/describe-status.js';
import { examples } from '../shared/examples.js';
import { wholeNumber } from '../shared/numbers.js';
import { addClusterChoice, pickCluster, type ClusterChoice } from '../shared/pick-cluster.js';
import type { Terminal } from '../terminal.js';

interface TopFlags extends ClusterChoice {
  readonly interval: number;
  readonly count?: number;
  readonly json?: boolean;
}

const statusDeadlineMs = 5_000;
const clearScreen = '\u001b[H\u001b[2J';

/** Adds `top`. */
export function topCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('top')
    .summary('watch a running cluster')
    .description(
      'Shows the processes of a running cluster again and again, until Ctrl-C. Into a pipe it writes once, unless --count says more.',
    )
    .option('-i, --interval <ms>', 'time between two looks', wholeNumber(100, 3_600_000), 1000)
    .option('-n, --count <number>', 'end after so many looks', wholeNumber(1))
    .option('--json', 'print a line of JSON for each look')
    .addHelpText('after', examples('sc top', 'sc top --interval 500 --app myapp'));
  addClusterChoice(command).action(async (flags: TopFlags) => {
    const { path } = await pickCluster(flags);
    const count = flags.count ?? (terminal.isOutputTerminal ? Infinity : 1);
    for (let looks = 1; ; looks++) {
      const status = (await askCluster(path, 'status', { deadlineMs: statusDeadlineMs })) as FoundCluster['status'];
      if (flags.json === true) terminal.print(JSON.stringify(status));
      else terminal.print(`${terminal.isOutputTerminal ? clearScreen : ''}${describeStatus(status)}`);
      if (looks >= count) return;
      await wait(flags.interval);
    }
  });
}
