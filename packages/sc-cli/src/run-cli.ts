import { CommanderError, Command } from 'commander';
import { createCommand } from './create/command.js';
import { CliError, exitCodes } from './exit.js';
import { ownVersion } from './own-version.js';
import type { Terminal } from './terminal.js';

/** Runs one command line and gives its exit code: 0 done, 1 failed, 2 used wrongly, 130 interrupted. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await program(terminal).parseAsync([...args], { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error instanceof CliError) {
      if (error.message !== '') terminal.say(`${terminal.colors.red('error:')} ${error.message}`);
      return error.exitCode;
    }
    terminal.say(`${terminal.colors.red('error:')} ${error instanceof Error ? error.message : String(error)}`);
    if (terminal.env['DEBUG'] !== undefined && error instanceof Error) terminal.say(error.stack ?? '');
    return exitCodes.failure;
  }
}

function program(terminal: Terminal): Command {
  const command = new Command('socketcluster')
    .description('Creates SocketCluster apps.')
    .version(ownVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .showHelpAfterError('(add --help for how to use it)')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.say(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error:/, terminal.colors.red('error:'))),
    })
    .addHelpText('after', '\nExample:\n  $ socketcluster create myapp\n  $ cd myapp && npm start');
  // Settings made above are copied to the commands that are added from here on.
  createCommand(command, terminal);
  return command;
}
