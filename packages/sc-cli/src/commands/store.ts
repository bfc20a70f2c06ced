import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { CliError } from '../exit.js';
import { examples } from '../shared/examples.js';
import { runNode } from '../shared/run-node.js';
import type { Terminal } from '../terminal.js';

/** Adds `store`, which runs the program `ndata-store`. */
export function storeCommand(program: Command, terminal: Terminal): void {
  program
    .command('store')
    .argument('[options...]', 'see sc store --help-store')
    .summary('run a store alone')
    .description('Runs an nData store without a cluster: the program ndata-store, with all of its options.')
    .option('--help-store', 'show the options of the store')
    .allowUnknownOption()
    .addHelpText(
      'after',
      examples('sc store --port 9435', 'sc store --socket /run/app/store.sock --persist /var/lib/app'),
    )
    .action(async (args: readonly string[], { helpStore }: { readonly helpStore?: boolean }) => {
      const manifest = createRequire(import.meta.url).resolve('ndata-store/package.json');
      const bin = join(dirname(manifest), 'dist', 'bin.js');
      const code = await runNode([bin, ...(helpStore === true ? ['--help'] : args)], terminal);
      // The child process has already printed the error.
      if (code !== 0) throw new CliError('', code);
    });
}
