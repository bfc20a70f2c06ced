import type { Command } from 'commander';
import { addConnectionFlags, openSocket, type ConnectionFlags } from '../shared/connection.js';
import { examples } from '../shared/examples.js';
import { wholeNumber } from '../shared/numbers.js';
import type { Terminal } from '../terminal.js';

interface SubFlags extends ConnectionFlags {
  readonly count?: number;
}

/** Adds `sub <channel>`. */
export function subCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('sub')
    .argument('<channel>', 'what to subscribe to')
    .summary('print what is published to a channel')
    .description('Subscribes to a channel and prints each publication in a line of JSON, until Ctrl-C.')
    .option('-n, --count <number>', 'end after so many publications', wholeNumber(1))
    .addHelpText('after', examples('sc sub news', 'sc sub news --count 1'));
  addConnectionFlags(command).action(async (name: string, flags: SubFlags) => {
    const socket = await openSocket(flags, terminal, { autoReconnect: true });
    try {
      await new Promise<void>((resolve, reject) => {
        let left = flags.count ?? Infinity;
        const channel = socket.subscribe(name);
        channel.on('subscribe', () => terminal.say(`Subscribed to ${name}.`));
        channel.on('subscribeFail', reject);
        channel.on('kickOut', (message) => reject(new Error(`The server ended the subscription: ${message}`)));
        channel.watch((data) => {
          if (left <= 0) return;
          terminal.print(JSON.stringify(flags.json === true ? { channel: name, data } : data));
          left -= 1;
          if (left === 0) resolve();
        });
      });
    } finally {
      socket.disconnect();
    }
  });
}
