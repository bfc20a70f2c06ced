import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Exits with a clear message on a Node version that is too old, before anything fails in a confusing way. */
export function checkNode() {
  const wanted = readJson(join(root, 'package.json')).engines.node.replace('>=', '');
  const [have, want] = [process.versions.node, wanted].map((version) => version.split('.').map(Number));
  const difference = have.map((part, index) => part - want[index]).find((part) => part !== 0) ?? 0;
  if (difference < 0) {
    console.error(`Node ${wanted} or later is needed; this is Node ${process.versions.node}.`);
    process.exit(1);
  }
}

/** The environment for the tools of the workspace: their directory in `PATH`, telemetry off. */
export function toolEnvironment() {
  return {
    ...process.env,
    PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`,
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  };
}

/** Installs the dependencies of the lockfile unless they are installed already. Needs only npm. */
export async function install() {
  return isAllInstalled() ? 0 : runInstall('a minute at most');
}

/** Installs one package, its dependencies and the tools that build them. */
export async function installFor(name) {
  const note = join(root, 'node_modules', `.installed-for-${name}`);
  if (isAllInstalled() || (existsSync(note) && readFileSync(note, 'utf8') === installation())) return 0;
  const { name: tools } = readJson(join(root, 'package.json'));
  const failed = await runInstall('half a minute', `--filter=${tools}`, `--filter=${name}...`);
  if (!failed) writeFileSync(note, installation());
  return failed;
}

const wantedLock = () => readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');

/** pnpm keeps a copy of the lockfile that it installed. */
function installedLock() {
  const file = join(root, 'node_modules', '.pnpm', 'lock.yaml');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

const isAllInstalled = () => installedLock() === wantedLock();

/** Identifies the installed state of the lockfile. */
const installation = () => createHash('sha256').update(wantedLock()).update(installedLock()).digest('hex');

function runInstall(duration, ...filters) {
  const { packageManager } = readJson(join(root, 'package.json'));
  console.log(`Installing with ${packageManager} (once, ${duration}) …`);
  const env = { ...process.env, npm_config_update_notifier: 'false' };
  return run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', ...filters], { cwd: root, env });
}

/** Runs turbo. `turbo.json` declares the tasks and their dependencies. */
export function turbo(tasks, options = []) {
  return run('turbo', ['run', ...tasks, ...options], { cwd: root, env: toolEnvironment() });
}

/** Every package, example and the documentation: the directory and its `package.json`. */
export function workspacePackages() {
  const groups = ['packages', 'examples'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(root, group, name)),
  );
  return [...groups, join(root, 'docs')]
    .filter((directory) => existsSync(join(directory, 'package.json')))
    .map((directory) => ({ directory, manifest: readJson(join(directory, 'package.json')) }));
}
