import type { Command } from 'commander';
import { describeHistory } from 'sc-protocol/history';
import { checkRun } from '../bench/check-history.js';
import { CliError } from '../exit.js';
import { addConnectionFlags, openSocket, type ConnectionFlags } from '../shared/connection.js';
import { examples } from '../shared/examples.js';
import { wholeNumber } from '../shared/numbers.js';
import type { Terminal } from '../terminal.js';

interface CheckFlags extends ConnectionFlags {
  readonly clients: number;
  readonly channels: number;
  readonly rate: number;
  readonly duration: number;
  readonly cuts: number;
  readonly channel: string;
  readonly settle: number;
}

/** Adds `bench check`. */
export function benchCheckCommand(bench: Command, terminal: Terminal): void {
  const command = bench
    .command('check')
    .summary('check that a running server loses and repeats nothing')
    .description(
      'Publishes and subscribes while connections are cut, records what happens, and looks for publications that were lost, ' +
        'repeated, reordered, or skipped without a signal. Kill workers meanwhile to see more. Only for a server of your own.',
    )
    .option('--clients <number>', 'how many', wholeNumber(1, 20_000), 50)
    .option('--channels <number>', 'how many channels they use', wholeNumber(1, 10_000), 10)
    .option('--rate <number>', 'publications a second', wholeNumber(1, 10_000), 100)
    .option('--duration <seconds>', 'how long to publish', wholeNumber(1, 3600), 10)
    .option('--cuts <number>', 'connections to cut a second', wholeNumber(0, 1000), 2)
    .option('--channel <name>', 'what the channels are called, with a number behind it', 'sc-check')
    .option('--settle <seconds>', 'how long the last publications may take', wholeNumber(1, 600), 30)
    .addHelpText('after', examples('sc bench check', 'sc bench check --clients 200 --channels 50 --duration 60'));
  addConnectionFlags(command).action(async (own: CheckFlags) => {
    // Flags that `bench` also has are parsed as those of `bench`.
    const given = Object.entries(bench.opts()).filter(([name]) => bench.getOptionValueSource(name) === 'cli');
    const flags: CheckFlags = { ...own, ...Object.fromEntries(given) };
    const report = await checkRun({
      clients: flags.clients,
      channels: flags.channels,
      rate: flags.rate,
      durationMs: flags.duration * 1000,
      cuts: flags.cuts,
      prefix: flags.channel,
      settleMs: flags.settle * 1000,
      open: (wsOptions) => openSocket(flags, terminal, { autoReconnect: true, wsOptions }),
    });
    const { faults, ...figures } = report;
    terminal.print(flags.json === true ? JSON.stringify(figures) : describeHistory(report));
    if (faults.length > 0) throw new CliError(`The history of the run has faults: ${faults.length}`);
  });
}
