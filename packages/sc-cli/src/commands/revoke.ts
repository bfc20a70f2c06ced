import type { Command } from 'commander';
import { actOnClients, addTargetFlags, type TargetFlags } from '../shared/client-target.js';
import { examples } from '../shared/examples.js';
import type { Terminal } from '../terminal.js';

/** Adds `revoke`. */
export function revokeCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('revoke')
    .summary('take the auth token of clients of a running cluster')
    .description(
      'Logs out a user, or one socket: the sockets lose their auth token and the channels that needed it, and stay connected. A copy of the token stays valid until it expires. The log of the cluster says who did it.',
    )
    .addHelpText('after', examples('sc revoke --user mallory', 'sc revoke --id w0a1b2c3'));
  addTargetFlags(command).action(async (flags: TargetFlags) => {
    await actOnClients(terminal, flags, { command: 'revoke', done: 'logged out' });
  });
}
