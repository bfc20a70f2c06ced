import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import type * as ScServer from 'sc-server';
import { planLaunch, type LaunchFlags } from '../config/launch-plan.js';
import { loadConfig } from '../config/load-config.js';
import { addOptionFlags, optionsFromFlags } from '../config/option-flags.js';
import { CliError } from '../exit.js';
import { examples } from '../shared/examples.js';
import { runNode } from '../shared/run-node.js';
import type { Terminal } from '../terminal.js';

type StartFlags = LaunchFlags & Readonly<Record<string, unknown>>;

/** Adds `start [server]`. */
export function startCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('start')
    .argument('[server]', 'a file that starts a cluster itself, such as server.js')
    .summary('start the cluster of this folder')
    .description(
      'Starts the cluster that sc.config.{ts,js,json} describes, or runs server.{ts,js} where there is no such file. Ends with it.',
    )
    .option('-c, --config <file>', 'configuration to read')
    .addHelpText(
      'after',
      '\nEvery option of docs/options.md is a flag: pingTimeout is --ping-timeout. See also: sc config env',
    )
    .addHelpText('after', examples('sc start', 'sc start --port 9000 --workers 4', 'sc start server.js'));
  addOptionFlags(command).action(async (server: string | undefined, flags: StartFlags) => {
    const plan = await planLaunch(server, flags, terminal, process.argv.slice(process.argv.indexOf('start') + 1));
    if (plan.isHere) {
      await startHere(flags, terminal);
      return;
    }
    const code = await runNode(plan.args, { cwd: terminal.cwd, env: plan.env });
    // The child process has already printed the error.
    if (code !== 0) throw new CliError('', code);
  });
}

async function startHere(flags: StartFlags, terminal: Terminal): Promise<void> {
  const { options } = await loadConfig(terminal, optionsFromFlags(flags), flags.config);
  const { SocketCluster } = await importServer(terminal.cwd);
  const cluster = new SocketCluster(options as unknown as ScServer.SocketClusterOptions);
  try {
    await cluster.whenReady();
  } catch {
    throw new CliError(''); // Already logged.
  }
  const { protocol, port } = cluster.status();
  terminal.say(`Open ${protocol}://localhost:${port}`);
}

/** Imports the app's own sc-server if installed, so that the app runs the version it was tested with. */
async function importServer(cwd: string): Promise<typeof ScServer> {
  let path: string;
  try {
    path = createRequire(join(cwd, 'package.json')).resolve('sc-server');
  } catch {
    return import('sc-server');
  }
  return (await import(pathToFileURL(path).href)) as typeof ScServer;
}
