import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CliError } from '../exit.js';

/** Whether Node needs help with a file. */
export function isTypeScript(path: string | undefined): boolean {
  return path !== undefined && /\.[cm]?ts$/.test(path);
}

/** Arguments by which Node runs TypeScript: none where it can do so itself, else the app's own tsx. */
export function typeScriptArguments(cwd: string): readonly string[] {
  const tsx = hasLoader() ? undefined : ownTsx(cwd);
  return tsx === undefined ? [] : ['--import', tsx.loader];
}

/** Loads a module of the app into this process, by the same means. */
export async function importModule(file: string): Promise<{ readonly default?: unknown }> {
  const url = pathToFileURL(file).href;
  const tsx = !isTypeScript(file) || hasLoader() ? undefined : ownTsx(dirname(file));
  if (tsx === undefined) return (await import(url)) as { default?: unknown };
  const loader = (await import(tsx.api)) as { tsImport(url: string, parent: string): Promise<{ default?: unknown }> };
  return loader.tsImport(url, import.meta.url);
}

/** This process may have been started with a loader already, which child processes inherit. */
function hasLoader(): boolean {
  return process.execArgv.some((argument) => argument.includes('tsx'));
}

/** The addresses of the app's tsx; `undefined` where Node does without. */
function ownTsx(folder: string): { readonly loader: string; readonly api: string } | undefined {
  try {
    const require = createRequire(join(folder, 'package.json'));
    // Where a module resolves to depends on who asks, and its API for `require` is another.
    const manifest = require.resolve('tsx/package.json');
    const { exports } = require(manifest) as { exports: { './esm/api': { import: { default: string } } } };
    const api = join(dirname(manifest), exports['./esm/api'].import.default);
    return { loader: pathToFileURL(require.resolve('tsx')).href, api: pathToFileURL(api).href };
  } catch {
    if ('typescript' in process.features && process.features.typescript !== false) return undefined;
    throw new CliError('This version of Node does not run TypeScript. Install tsx in the app: npm install -D tsx');
  }
}

/** The first of these files that is there. */
export function firstFile(folder: string, names: readonly string[]): string | undefined {
  return names.map((name) => join(folder, name)).find((path) => existsSync(path));
}
