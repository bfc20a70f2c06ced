import { Option, type Command } from 'commander';
import {
  askCluster,
  clientOrders,
  maxListedClients,
  printable,
  type ClientList,
  type ClientOrder,
  type ListedClient,
} from 'sc-server/tools';
import { CliError } from '../exit.js';
import { examples } from '../shared/examples.js';
import { wholeNumber } from '../shared/numbers.js';
import { addClusterChoice, pickCluster, type ClusterChoice } from '../shared/pick-cluster.js';
import { duration, table } from '../shared/table.js';
import type { Terminal } from '../terminal.js';

interface ClientsFlags extends ClusterChoice {
  readonly user?: string;
  readonly address?: string;
  readonly sort: ClientOrder;
  readonly limit: number;
  readonly after?: string;
  readonly json?: boolean;
}

const answerDeadlineMs = 10_000;

/** Adds `clients [id]`. */
export function clientsCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('clients')
    .argument('[id]', 'only the client with this socket id, with its channels')
    .summary('list the clients of a running cluster')
    .description(
      'Lists the clients of a running cluster: who they are, how long they have been here, how much waits for them. The workers are asked only now.',
    )
    .option('--user <user>', 'only clients of this user')
    .option('--address <address>', 'only clients from this address')
    .addOption(new Option('--sort <order>', 'what comes first').choices(clientOrders).default('id'))
    .option('--limit <count>', 'how many to list', wholeNumber(1, maxListedClients), 50)
    .option('--after <id>', 'the next page, when sorted by id')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('sc clients --sort queue --limit 10', 'sc clients --user alice --json'));
  addClusterChoice(command).action(async (id: string | undefined, flags: ClientsFlags) => {
    const { user, address, sort, limit, after } = flags;
    const { path } = await pickCluster(flags);
    const request = { command: 'clients', id, user, address, sort, limit, after } as const;
    const list = (await askCluster(path, request as never, { deadlineMs: answerDeadlineMs })) as ClientList;
    if (flags.json === true) terminal.print(JSON.stringify(list));
    else terminal.print(describe(list));
    if (id !== undefined && list.clients.length === 0) throw new CliError(`No client has the id ${id}`);
  });
}

function describe({ clients, total, next, missing }: ClientList): string {
  const head = ['ID', 'USER', 'ADDRESS', 'WORKER', 'AGE', 'QUEUE', 'RECEIVED', 'SENT', 'CHANNELS'];
  const rows = clients.map((client) => rowOf(client));
  const lines = [table(head, rows)];
  // Users and channels are client-supplied text: escape terminal control characters.
  for (const { channels } of clients)
    if (channels !== undefined) lines.push(...channels.map((one) => `  ${printable(one)}`));
  if (total > clients.length)
    lines.push(`${clients.length} of ${total} clients${next === undefined ? '' : `; more: --after ${next}`}`);
  if (missing.length > 0) lines.push(`Without worker ${missing.join(', ')}, which did not answer`);
  return lines.join('\n');
}

function rowOf(client: ListedClient & { readonly worker: number }): string[] {
  const { id, user = '', address = '', worker, ageMs, queueBytes, receivedBytes, sentBytes, subscriptions } = client;
  const numbers = [queueBytes, receivedBytes, sentBytes, subscriptions].map(String);
  return [id, printable(user), printable(address), String(worker), duration(ageMs), ...numbers];
}
