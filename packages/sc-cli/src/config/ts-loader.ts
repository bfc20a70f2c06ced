import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CliError } from '../exit.js';

/** Whether a file is TypeScript. */
export function isTypeScript(path: string | undefined): boolean {
  return path !== undefined && /\.[cm]?ts$/.test(path);
}

/**
 * Arguments with which Node runs TypeScript: none if it supports TypeScript or has a loader, otherwise the app's own
 * tsx.
 */
export function typeScriptArguments(cwd: string): readonly string[] {
  const tsx = hasLoader() ? undefined : ownTsx(cwd);
  return tsx === undefined ? [] : ['--import', tsx.loader];
}

/** Imports a module of the app into this process, with the same loader. */
export async function importModule(file: string): Promise<{ readonly default?: unknown }> {
  const url = pathToFileURL(file).href;
  const tsx = !isTypeScript(file) || hasLoader() ? undefined : ownTsx(dirname(file));
  if (tsx === undefined) return (await import(url)) as { default?: unknown };
  const loader = (await import(tsx.api)) as { tsImport(url: string, parent: string): Promise<{ default?: unknown }> };
  return loader.tsImport(url, import.meta.url);
}

/** Whether this process was started with a loader, which child processes inherit. */
function hasLoader(): boolean {
  return process.execArgv.some((argument) => argument.includes('tsx'));
}

/** URLs of the app's tsx; `undefined` if Node does not need it. */
function ownTsx(folder: string): { readonly loader: string; readonly api: string } | undefined {
  try {
    const require = createRequire(join(folder, 'package.json'));
    // `require` would resolve to the CommonJS API of tsx, so read the ESM path from the manifest.
    const manifest = require.resolve('tsx/package.json');
    const { exports } = require(manifest) as { exports: { './esm/api': { import: { default: string } } } };
    const api = join(dirname(manifest), exports['./esm/api'].import.default);
    return { loader: pathToFileURL(require.resolve('tsx')).href, api: pathToFileURL(api).href };
  } catch {
    if ('typescript' in process.features && process.features.typescript !== false) return undefined;
    throw new CliError('This version of Node does not run TypeScript. Install tsx in the app: npm install -D tsx');
  }
}

/** The first of these files that exists. */
export function firstFile(folder: string, names: readonly string[]): string | undefined {
  return names.map((name) => join(folder, name)).find((path) => existsSync(path));
}
