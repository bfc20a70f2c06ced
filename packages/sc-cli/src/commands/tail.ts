import type { Command } from 'commander';
import { nameProblem } from 'sc-protocol';
import { printable, tailChannel, type TailedPublication } from 'sc-server/tools';
import { CliError, exitCodes } from '../exit.js';
import { examples } from '../shared/examples.js';
import { wholeNumber } from '../shared/numbers.js';
import { addClusterChoice, pickCluster, type ClusterChoice } from '../shared/pick-cluster.js';
import { withStores } from '../shared/stores.js';
import type { Terminal } from '../terminal.js';

interface TailFlags extends ClusterChoice {
  readonly history: number;
  readonly count?: number;
  readonly json?: boolean;
}

/** Adds `tail <channel>`. */
export function tailCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('tail')
    .argument('<channel>', 'the channel to watch')
    .summary('print the publications of a channel of a running cluster')
    .description(
      'Prints the publications of a channel as they leave its store, until Ctrl-C. The workers have nothing to do with it. At most 100 a second are printed; tokens and passwords are replaced.',
    )
    .option('--history <count>', 'publications of the past to print first', wholeNumber(0, 1_000), 0)
    .option('-n, --count <number>', 'end after so many publications', wholeNumber(1))
    .option('--json', 'print a line of JSON for each: its data, time and offset')
    .addHelpText('after', examples('sc tail chat/7', 'sc tail chat/7 --history 20 --json'));
  addClusterChoice(command).action(async (channel: string, flags: TailFlags) => {
    const problem = nameProblem(channel);
    if (problem !== undefined) throw new CliError(`A channel name ${problem}`, exitCodes.usage);
    const { path } = await pickCluster(flags);
    await withStores(path, terminal, async (store) => {
      let left = flags.count ?? Infinity;
      let finish: () => void = () => undefined;
      const finished = new Promise<void>((resolve) => (finish = resolve));
      const stop = await tailChannel(store, channel, {
        history: flags.history,
        onPublication(publication) {
          if (left <= 0) return;
          terminal.print(line(publication, flags.json === true));
          left -= 1;
          if (left === 0) finish();
        },
        onSkipped: (count) => terminal.say(`${count} publications were not shown`),
        onProblem: (error) => terminal.say(`Publications may be missing: ${error.message}`),
      });
      await finished;
      await stop();
    });
  });
}

function line({ data, at, offset, isPast }: TailedPublication, json: boolean): string {
  const text = JSON.stringify(json ? { data, at, offset, isPast } : (data ?? null));
  // JSON escapes control characters below U+0020; terminals also interpret some above.
  return json ? text : `${new Date(at).toISOString()}${offset === undefined ? '' : ` #${offset}`} ${printable(text)}`;
}
