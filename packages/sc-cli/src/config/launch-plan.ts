import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { CliError, exitCodes } from '../exit.js';
import type { Terminal } from '../terminal.js';
import { findConfig, loadConfig } from './load-config.js';
import { optionsFromFlags, variablesFromFlags } from './option-flags.js';
import { firstFile, isTypeScript, typeScriptArguments } from './ts-loader.js';

/** How to start a cluster from a folder. */
export interface LaunchPlan {
  /** Arguments for Node: loader, file, arguments of the program. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Whether the current process can run it, without a loader. */
  readonly isHere: boolean;
  /** Files that the supervisor itself runs; a change requires a full restart instead of a reload. */
  readonly own: readonly string[];
}

export interface LaunchFlags {
  readonly config?: string;
}

const serverNames = ['server.ts', 'server.mts', 'server.js', 'server.mjs', 'server.cjs', 'src/server.ts'];
const main = fileURLToPath(new URL('main.js', import.meta.url));

/** The server file that `sc start` and `sc dev` run in a folder without configuration. */
export function findServer(cwd: string): string | undefined {
  return firstFile(cwd, serverNames);
}

/**
 * Plans to run the named server file, or the default one if nothing is configured; otherwise the configuration. Flags
 * are passed to a server file as environment variables.
 */
export async function planLaunch(
  server: string | undefined,
  flags: LaunchFlags & Readonly<Record<string, unknown>>,
  terminal: Pick<Terminal, 'cwd' | 'env'>,
  args: readonly string[],
): Promise<LaunchPlan> {
  const { cwd, env } = terminal;
  const given = optionsFromFlags(flags);
  const config = findConfig(cwd, flags.config);
  const isConfigured =
    config !== undefined || given['workerController'] !== undefined || Boolean(env['SC_WORKER_CONTROLLER']);
  const file = server === undefined ? (isConfigured ? undefined : findServer(cwd)) : resolve(cwd, server);
  if (file !== undefined) {
    const loader = isTypeScript(file) ? typeScriptArguments(cwd) : [];
    return { args: [...loader, file], env: { ...env, ...variablesFromFlags(flags) }, isHere: false, own: [file] };
  }
  if (!isConfigured) {
    const message = `There is nothing to start in ${cwd}: make sc.config.js or server.js, or give --worker-controller`;
    throw new CliError(message, exitCodes.usage);
  }
  const loader = (await needsLoader(config, given, terminal)) ? typeScriptArguments(cwd) : [];
  const own = config === undefined ? [] : [config];
  return { args: [...loader, main, 'start', ...args], env, isHere: loader.length === 0, own };
}

async function needsLoader(
  config: string | undefined,
  given: Readonly<Record<string, unknown>>,
  terminal: Pick<Terminal, 'cwd' | 'env'>,
): Promise<boolean> {
  if (isTypeScript(config)) return true;
  const { options } = await loadConfig(terminal, given, config);
  return ['workerController', 'storeController', 'balancerController'].some((name) =>
    isTypeScript(options[name] as string | undefined),
  );
}
