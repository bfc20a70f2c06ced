import { spawn, type ChildProcess } from 'node:child_process';
import { relative, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { askCluster, findClusters } from 'sc-server/tools';
import { planLaunch, type LaunchFlags, type LaunchPlan } from '../config/launch-plan.js';
import { addOptionFlags } from '../config/option-flags.js';
import { CliError } from '../exit.js';
import { openBrowser } from '../shared/open-browser.js';
import { examples } from '../shared/examples.js';
import { watchFolder } from '../shared/watch-folder.js';
import type { Terminal } from '../terminal.js';

type DevFlags = LaunchFlags & Readonly<Record<string, unknown>> & { readonly open?: boolean };

const lookIntervalMs = 200;

/** Adds `dev [server]`. */
export function devCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('dev')
    .argument('[server]', 'a file that starts a cluster itself, such as server.js')
    .summary('start the cluster, and again on every change')
    .description(
      'Starts the cluster as sc start does and watches the folder: a change reloads the workers and keeps open sockets, a change of the configuration or the server file starts it anew.',
    )
    .option('-c, --config <file>', 'configuration to read')
    .option('--open', 'open the page in a browser')
    .addHelpText('after', examples('sc dev', 'sc dev --open --port 9000'));
  addOptionFlags(command).action(async (server: string | undefined, flags: DevFlags) => {
    const given = process.argv.slice(process.argv.indexOf('dev') + 1).filter((argument) => argument !== '--open');
    const plan = await planLaunch(server, flags, terminal, given);
    await runWatched(plan, flags.open === true, terminal);
  });
}

/** Runs until interrupted by a signal. */
async function runWatched(plan: LaunchPlan, open: boolean, terminal: Terminal): Promise<void> {
  let child = start(plan, terminal);
  let isEnding = false;
  let isFirst = true;
  const look = async () => {
    const url = await urlOf(child);
    if (url === undefined || isEnding) return;
    terminal.say(`${terminal.colors.green('ready')} ${terminal.colors.cyan(url)}`);
    if (open && isFirst) openBrowser(url);
    isFirst = false;
  };
  void look();
  const onChange = async (files: readonly string[]) => {
    if (isEnding) return;
    const [first = ''] = files.map((file) => relative(terminal.cwd, file));
    const others = files.length === 1 ? '' : ` and ${files.length - 1} more`;
    terminal.say(terminal.colors.dim(`changed: ${first}${others}`));
    const isOwn = plan.own.some((own) => files.includes(resolve(terminal.cwd, own)));
    if (!isOwn && child.exitCode === null && (await reload(child))) return;
    await end(child);
    child = start(plan, terminal);
    void look();
  };
  const watcher = watchFolder(terminal.cwd, onChange);
  await new Promise<void>((onStop) => {
    const stop = () => {
      if (isEnding) child.kill('SIGKILL');
      isEnding = true;
      onStop();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
  });
  await watcher.close();
  await end(child);
}

function start(plan: LaunchPlan, { cwd }: Terminal): ChildProcess {
  // Pages stay connected while the server code is replaced.
  const env = { SC_RELOAD: 'move', ...plan.env };
  return spawn(process.execPath, plan.args, { cwd, env, stdio: 'inherit' });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Returns false if no running cluster can be reloaded. A worker that fails to start reports it in its own log. */
async function reload(child: ChildProcess): Promise<boolean> {
  const found = await clusterOf(child);
  if (found?.status.state !== 'running') return false;
  await askCluster(found.path, 'reload', { deadlineMs: 0 }).catch(() => undefined);
  return true;
}

/** Returns the URL of the cluster once it is running. */
async function urlOf(child: ChildProcess): Promise<string | undefined> {
  while (child.exitCode === null && child.signalCode === null) {
    const found = await clusterOf(child);
    if (found?.status.state === 'running') return `${found.status.protocol}://localhost:${found.status.port ?? 0}`;
    await wait(lookIntervalMs);
  }
  return undefined;
}

async function clusterOf(child: ChildProcess) {
  if (child.pid === undefined) throw new CliError('Node could not be started');
  return (await findClusters()).find(({ status }) => status.supervisor.pid === child.pid);
}
