import type { Command } from 'commander';
import { addConnectionFlags, openSocket, type ConnectionFlags } from '../shared/connection.js';
import { dataFrom } from '../shared/data.js';
import { examples } from '../shared/examples.js';
import type { Terminal } from '../terminal.js';

/** Adds `invoke <procedure> [data]`. */
export function invokeCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('invoke')
    .argument('<procedure>', 'name of the procedure')
    .argument('[data]', 'JSON, or text')
    .summary('call a procedure of a server')
    .description(
      'Calls a procedure of a running server and prints the result. A text is printed as it is, the rest as JSON.',
    )
    .addHelpText('after', examples('sc invoke hello Ada', 'sc invoke sum "[1,2]" --json'));
  addConnectionFlags(command).action(async (procedure: string, text: string | undefined, flags: ConnectionFlags) => {
    const socket = await openSocket(flags, terminal);
    try {
      const result: unknown = await socket.invoke(procedure, dataFrom(text));
      const isPlain = typeof result === 'string' && flags.json !== true;
      terminal.print(isPlain ? result : JSON.stringify(result ?? null));
    } finally {
      socket.disconnect();
    }
  });
}
