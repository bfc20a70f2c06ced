import { CommanderError, Command } from 'commander';
import { InvalidOptionsError } from 'sc-protocol';
import { benchCommand } from './commands/bench.js';
import { certCommand } from './commands/cert.js';
import { channelsCommand } from './commands/channels.js';
import { clientsCommand } from './commands/clients.js';
import { completionCommand } from './commands/completion.js';
import { configCommand } from './commands/config.js';
import { devCommand } from './commands/dev.js';
import { disconnectCommand } from './commands/disconnect.js';
import { doctorCommand } from './commands/doctor.js';
import { drainCommand } from './commands/drain.js';
import { emitCommand } from './commands/emit.js';
import { invokeCommand } from './commands/invoke.js';
import { kickCommand } from './commands/kick.js';
import { logLevelCommand } from './commands/log-level.js';
import { pubCommand } from './commands/pub.js';
import { reloadCommand } from './commands/reload.js';
import { revokeCommand } from './commands/revoke.js';
import { startCommand } from './commands/start.js';
import { statusCommand } from './commands/status.js';
import { stopCommand } from './commands/stop.js';
import { storeCommand } from './commands/store.js';
import { subCommand } from './commands/sub.js';
import { tailCommand } from './commands/tail.js';
import { tokenCommand } from './commands/token.js';
import { topCommand } from './commands/top.js';
import { createCommand } from './create/command.js';
import { CliError, exitCodes } from './exit.js';
import { ownVersion } from './own-version.js';
import { examples } from './shared/examples.js';
import type { Terminal } from './terminal.js';

const commands = [
  createCommand,
  startCommand,
  devCommand,
  reloadCommand,
  stopCommand,
  drainCommand,
  logLevelCommand,
  statusCommand,
  topCommand,
  clientsCommand,
  channelsCommand,
  tailCommand,
  kickCommand,
  disconnectCommand,
  revokeCommand,
  pubCommand,
  subCommand,
  emitCommand,
  invokeCommand,
  storeCommand,
  tokenCommand,
  certCommand,
  configCommand,
  doctorCommand,
  benchCommand,
  completionCommand,
];

/** Runs one command line and returns its exit code: 0 success, 1 failure, 2 usage error, 130 interrupted. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await program(terminal).parseAsync([...args], { from: 'user' });
    // A cluster started in this process may have failed meanwhile.
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const message = error instanceof Error ? error.message : String(error);
    if (message !== '') terminal.say(`${terminal.colors.red('error:')} ${message}`);
    const wantsStack = args.includes('--verbose') || terminal.env['DEBUG'] !== undefined;
    if (wantsStack && error instanceof Error && message !== '') terminal.say(error.stack ?? '');
    if (error instanceof CliError) return error.exitCode;
    return error instanceof InvalidOptionsError ? exitCodes.usage : exitCodes.failure;
  }
}

function program(terminal: Terminal): Command {
  const command = new Command('socketcluster')
    .description('Makes, runs and watches SocketCluster apps. The program is also there as sc.')
    .version(ownVersion(), '-v, --version', 'print the version')
    .option('--verbose', 'show the stack of an error')
    .option('--no-color', 'no colours; NO_COLOR does the same')
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
    .addHelpText('after', examples('socketcluster create myapp', 'cd myapp && npm start'));
  // Commander copies the settings above to commands that are added afterwards.
  for (const add of commands) add(command, terminal);
  return command;
}
