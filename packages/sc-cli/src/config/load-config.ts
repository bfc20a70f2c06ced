import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkOptions } from 'sc-protocol/kit';
import { clusterTable, readEnvironment, renamedOptions } from 'sc-server/tools';
import { CliError, exitCodes } from '../exit.js';
import type { Terminal } from '../terminal.js';
import { firstFile, importModule } from './ts-loader.js';

/** Source of an option's value. */
export type Origin = 'flag' | 'environment' | 'file' | 'default';

export interface LoadedConfig {
  /** The file that was read, if any. */
  readonly file: string | undefined;
  /** Options by precedence: flags, environment, file. Without defaults. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly origins: ReadonlyMap<string, { readonly origin: Origin; readonly detail: string }>;
  readonly warnings: readonly string[];
}

const configNames = [
  'sc.config.ts',
  'sc.config.mts',
  'sc.config.js',
  'sc.config.mjs',
  'sc.config.cjs',
  'sc.config.json',
];
const paths = ['workerController', 'storeController', 'balancerController'];

/** The named configuration file, or that of the folder. */
export function findConfig(cwd: string, named?: string): string | undefined {
  return named === undefined ? firstFile(cwd, configNames) : resolve(cwd, named);
}

/** Loads the configuration. Throws `InvalidOptionsError`, or `CliError` for a file that cannot be read. */
export async function loadConfig(
  { cwd, env }: Pick<Terminal, 'cwd' | 'env'>,
  flags: Readonly<Record<string, unknown>>,
  named?: string,
): Promise<LoadedConfig> {
  const file = findConfig(cwd, named);
  const fromFile = file === undefined ? {} : await readConfig(file);
  const environment = readEnvironment(env, clusterTable);
  const origins = new Map<string, { origin: Origin; detail: string }>();
  for (const name of Object.keys(fromFile)) origins.set(name, { origin: 'file', detail: file ?? '' });
  for (const [name, variables] of environment.origins) {
    origins.set(name, { origin: 'environment', detail: variables.join(', ') });
  }
  for (const name of Object.keys(flags)) origins.set(name, { origin: 'flag', detail: '' });
  return { file, options: { ...fromFile, ...environment.options, ...flags }, origins, warnings: environment.warnings };
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  let options: unknown;
  try {
    if (file.endsWith('.json')) options = JSON.parse(readFileSync(file, 'utf8'));
    else options = (await importModule(file)).default;
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    const message = `The configuration ${file} cannot be read: ${(cause as Error).message}`;
    throw new CliError(message, exitCodes.usage, { cause });
  }
  if (typeof options !== 'object' || options === null) {
    throw new CliError(
      `The configuration ${file} must have an object of options as its default export`,
      exitCodes.usage,
    );
  }
  checkOptions(file, options, clusterTable, { renamed: renamedOptions });
  // Paths in the file are relative to the file.
  const own = options as Record<string, unknown>;
  const resolved = paths
    .filter((name) => typeof own[name] === 'string')
    .map((name) => [name, resolve(dirname(file), own[name] as string)]);
  return { ...own, ...(Object.fromEntries(resolved) as object) };
}
