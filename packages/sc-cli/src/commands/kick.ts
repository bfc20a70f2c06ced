import type { Command } from 'commander';
import { askCluster, type ActionResult } from 'sc-server/tools';
import {
  actionDeadlineMs,
  addTargetFlags,
  describeAction,
  targetOf,
  type TargetFlags,
} from '../shared/client-target.js';
import { examples } from '../shared/examples.js';
import { pickCluster } from '../shared/pick-cluster.js';
import type { Terminal } from '../terminal.js';

/** Adds `kick <channel>`. */
export function kickCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('kick')
    .argument('<channel>', 'the channel that the clients have to leave')
    .summary('kick clients of a running cluster out of a channel')
    .description(
      'Ends the subscriptions of a user, or of one socket, to a channel. The clients stay connected. The log of the cluster says who did it, and why.',
    )
    .option('--message <text>', 'what the clients are told')
    .addHelpText('after', examples('sc kick room/1 --user mallory --message spam'));
  addTargetFlags(command).action(async (channel: string, flags: TargetFlags & { readonly message?: string }) => {
    const { message } = flags;
    const request = { command: 'kick', channel, ...targetOf(flags), message } as const;
    const { path } = await pickCluster(flags);
    const result = (await askCluster(path, request as never, { deadlineMs: actionDeadlineMs })) as ActionResult;
    terminal.print(flags.json === true ? JSON.stringify(result) : describeAction('kicked out', result));
  });
}
