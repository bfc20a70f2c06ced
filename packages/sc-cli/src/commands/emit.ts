import type { Command } from 'commander';
import { addConnectionFlags, openSocket, type ConnectionFlags } from '../shared/connection.js';
import { dataFrom } from '../shared/data.js';
import { examples } from '../shared/examples.js';
import type { Terminal } from '../terminal.js';

/** Adds `emit <event> [data]`. */
export function emitCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('emit')
    .argument('<event>', 'name of the event')
    .argument('[data]', 'JSON, or text')
    .summary('send an event to a server')
    .description(
      'Sends an event to a running server, whether or not anybody there hears it. To get an answer: sc invoke.',
    )
    .addHelpText('after', examples('sc emit note "it works"'));
  addConnectionFlags(command).action(async (event: string, text: string | undefined, flags: ConnectionFlags) => {
    const socket = await openSocket(flags, terminal);
    try {
      socket.emit(event, dataFrom(text));
      terminal.print(flags.json === true ? JSON.stringify({ event, sent: true }) : `Sent ${event}.`);
    } finally {
      socket.disconnect();
    }
  });
}
