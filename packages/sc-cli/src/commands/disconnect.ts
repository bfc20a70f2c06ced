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
import { wholeNumber } from '../shared/numbers.js';
import { pickCluster } from '../shared/pick-cluster.js';
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
    const request = { command: 'disconnect', ...targetOf(flags), code, reason } as const;
    const { path } = await pickCluster(flags);
    const result = (await askCluster(path, request as never, { deadlineMs: actionDeadlineMs })) as ActionResult;
    terminal.print(flags.json === true ? JSON.stringify(result) : describeAction('disconnected', result));
  });
}
