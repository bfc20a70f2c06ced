import type { Command } from 'commander';
import { actOnClients, addTargetFlags, type TargetFlags } from '../shared/client-target.js';
import { examples } from '../shared/examples.js';
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
    await actOnClients(terminal, flags, { command: 'kick', done: 'kicked out', channel, message });
  });
}
