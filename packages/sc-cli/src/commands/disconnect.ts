import type { Command } from 'commander';
import { actOnClients, addTargetFlags, type TargetFlags } from '../shared/client-target.js';
import { examples } from '../shared/examples.js';
import { wholeNumber } from '../shared/numbers.js';
import type { Terminal } from '../terminal.js';

interface DisconnectFlags extends TargetFlags {
  readonly code?: number;
  readonly reason?: string;
}

/** Adds `disconnect`. */
export function disconnectCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('disconnect')
    .summary('disconnect clients of a running cluster')
    .description('Closes the sockets of a user, or one socket. The log of the cluster says who did it, and why.')
    .option('--code <code>', 'close code (default: 1000)', wholeNumber(1000, 4999))
    .option('--reason <text>', 'reason of the close')
    .addHelpText('after', examples('sc disconnect --user mallory --reason spam', 'sc disconnect --id w0a1b2c3'));
  addTargetFlags(command).action(async (flags: DisconnectFlags) => {
    const { code, reason } = flags;
    await actOnClients(terminal, flags, { command: 'disconnect', done: 'disconnected', code, reason });
  });
}
