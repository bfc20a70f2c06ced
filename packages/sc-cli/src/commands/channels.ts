import { Option, type Command } from 'commander';
import {
  askCluster,
  channelOrders,
  listChannels,
  maxListedClients,
  printable,
  type ChannelCounts,
  type ChannelList,
  type ChannelOrder,
} from 'sc-server/tools';
import { examples } from '../shared/examples.js';
import { wholeNumber } from '../shared/numbers.js';
import { addClusterChoice, pickCluster, type ClusterChoice } from '../shared/pick-cluster.js';
import { withStores } from '../shared/stores.js';
import { table } from '../shared/table.js';
import type { Terminal } from '../terminal.js';

interface ChannelsFlags extends ClusterChoice {
  readonly sort: ChannelOrder;
  readonly limit: number;
  readonly over: number;
  readonly json?: boolean;
}

const answerDeadlineMs = 10_000;

/** Adds `channels [beginning]`. */
export function channelsCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('channels')
    .argument('[beginning]', 'only channels whose name begins with this text')
    .summary('list the busiest channels of a running cluster')
    .description(
      'Lists the channels with the most publications in a second, or the most subscribers, and how far their history is. The stores count for it only now.',
    )
    .addOption(new Option('--sort <order>', 'what comes first').choices(channelOrders).default('rate'))
    .option('--limit <count>', 'how many to list', wholeNumber(1, maxListedClients), 20)
    .option('--over <ms>', 'how long publications are counted', wholeNumber(1, 10_000), 1_000)
    .option('--json', 'print JSON')
    .addHelpText('after', examples('sc channels', 'sc channels chat/ --sort subscribers --json'));
  addClusterChoice(command).action(async (startsWith: string | undefined, flags: ChannelsFlags) => {
    const { path } = await pickCluster(flags);
    const { sort, limit, over: overMs } = flags;
    const count = (query: object) =>
      askCluster(path, { command: 'channels', ...query }, { deadlineMs: answerDeadlineMs }) as Promise<ChannelCounts>;
    const list = await withStores(path, terminal, (store) =>
      listChannels(store, count, { sort, limit, overMs, ...(startsWith !== undefined && { startsWith }) }),
    );
    terminal.print(flags.json === true ? JSON.stringify(list) : describe(list));
  });
}

function describe({ channels, missing }: ChannelList): string {
  const rows = channels.map(({ channel, perSecond, subscribers, processes, top, kept }) => [
    printable(channel),
    ...[perSecond, subscribers, processes, top ?? '', kept ?? ''].map(String),
  ]);
  const lines = [table(['CHANNEL', 'PER SECOND', 'SUBSCRIBERS', 'PROCESSES', 'OFFSET', 'KEPT'], rows)];
  if (missing.length > 0) lines.push(`Without worker ${missing.join(', ')}, which did not answer`);
  return lines.join('\n');
}
