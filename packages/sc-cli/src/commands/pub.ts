import type { Command } from 'commander';
import { addConnectionFlags, openSocket, type ConnectionFlags } from '../shared/connection.js';
import { dataFrom } from '../shared/data.js';
import { examples } from '../shared/examples.js';
import type { Terminal } from '../terminal.js';

/** Adds `pub <channel> <data>`. */
export function pubCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('pub')
    .argument('<channel>', 'where to publish')
    .argument('<data>', 'JSON, or text')
    .summary('publish to a channel')
    .description('Publishes to a channel of a running server, and ends when the server has it.')
    .addHelpText(
      'after',
      examples('sc pub news "it works"', 'sc pub news \'{"title":"Hi"}\' --url wss://example.com/socketcluster/'),
    );
  addConnectionFlags(command).action(async (channel: string, text: string, flags: ConnectionFlags) => {
    const socket = await openSocket(flags, terminal);
    try {
      await socket.publish(channel, dataFrom(text));
      terminal.print(flags.json === true ? JSON.stringify({ channel, published: true }) : `Published to ${channel}.`);
    } finally {
      socket.disconnect();
    }
  });
}
