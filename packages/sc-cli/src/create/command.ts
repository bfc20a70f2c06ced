import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { CliError, exitCodes } from '../exit.js';
import { ownScope, ownVersion } from '../own-version.js';
import type { Terminal } from '../terminal.js';
import { appNameProblem } from './app-name.js';
import { confirmOverwrite } from './confirm-overwrite.js';
import { dependencyFields } from './dependency-fields.js';
import { packageManagerOf, runInstall } from './package-manager.js';
import { templateNamed } from './templates.js';
import { isOccupied, writeApp } from './write-app.js';

interface CreateOptions {
  readonly template: string;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly install: boolean;
  readonly packages?: string;
}

/** Adds `create <name>` to the program. */
export function createCommand(program: Command, terminal: Terminal): void {
  program
    .command('create')
    .argument('<name>', 'name of the app, and of the folder it is made in')
    .summary('make a new app')
    .description('Makes a folder with a small app in it, and installs what the app needs.')
    .option(
      '-t, --template <name>',
      'what to start from: minimal, typescript (one contract for both ends) or chat (with login)',
      'minimal',
    )
    .option('-y, --yes', 'ask nothing; take the safe answer to every question')
    .option('-f, --force', 'write into a folder that is not empty; files of the same name are replaced')
    .option('--no-install', 'do not install the dependencies')
    .option('--packages <folder>', 'take SocketCluster from the packed tarballs in this folder [env: SC_PACKAGES]')
    .addHelpText('after', '\nExample:\n  $ socketcluster create myapp --template chat --yes\n  $ cd myapp && npm start')
    .action((name: string, options: CreateOptions) => createApp(name, options, terminal));
}

async function createApp(name: string, options: CreateOptions, terminal: Terminal): Promise<void> {
  const folder = resolve(terminal.cwd, name);
  const appName = basename(folder);
  const problem = appNameProblem(appName);
  if (problem !== undefined) throw new CliError(`The name of an app ${problem}, got "${appName}"`, exitCodes.usage);
  const template = templateNamed(options.template);
  if (isOccupied(folder) && options.force !== true) {
    const mayWrite = terminal.isInteractive && options.yes !== true && (await confirmOverwrite(name));
    if (!mayWrite)
      throw new CliError(`The folder ${name} already exists and is not empty. Add --force to write into it.`);
  }
  const manager = packageManagerOf(terminal.env['npm_config_user_agent']);
  const tarballs = options.packages ?? terminal.env['SC_PACKAGES'];
  const fields = dependencyFields({
    manager,
    version: ownVersion(),
    scope: ownScope(),
    ...(tarballs === undefined || tarballs === '' ? {} : { tarballs: resolve(terminal.cwd, tarballs) }),
  });
  writeApp({ template, folder, appName, fields });
  terminal.say(`Made ${terminal.colors.bold(name)} from the template "${options.template}".`);
  if (options.install) {
    terminal.say(`Installing with ${manager} …`);
    const code = await runInstall(manager, folder, terminal.env);
    if (code !== 0) {
      throw new CliError(`"${manager} install" failed with exit code ${code}. The app is in ${name}; try it there.`);
    }
  }
  terminal.print(nextSteps(name, manager, options.install, terminal));
}

function nextSteps(name: string, manager: string, isInstalled: boolean, { colors }: Terminal): string {
  const commands = [`cd ${name}`, ...(isInstalled ? [] : [`${manager} install`]), `${manager} start`];
  return [
    '',
    `${colors.green('Done.')} Now:`,
    ...commands.map((command) => `  ${colors.cyan(command)}`),
    '',
    `Then open http://localhost:8000. ${colors.dim(`"${manager} test" checks that it works.`)}`,
  ].join('\n');
}
