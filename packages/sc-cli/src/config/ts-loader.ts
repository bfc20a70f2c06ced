import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CliError } from '../exit.js';

/** Whether Node needs help with a file. */
export function isTypeScript(path: string | undefined): boolean {
  return path !== undefined && /\.[cm]?ts$/.test(path);
}

/** Arguments by which Node runs TypeScript: none where it can do so itself, else the app's own tsx. */
export function typeScriptArguments(cwd: string): readonly string[] {
  // Whoever started this process may have asked for a loader already; children inherit it.
  if (process.execArgv.some((argument) => argument.includes('tsx'))) return [];
  try {
    const tsx = createRequire(join(cwd, 'package.json')).resolve('tsx');
    return ['--import', pathToFileURL(tsx).href];
  } catch {
    if ('typescript' in process.features && process.features.typescript !== false) return [];
    throw new CliError('This version of Node does not run TypeScript. Install tsx in the app: npm install -D tsx');
  }
}

/** The first of these files that is there. */
export function firstFile(folder: string, names: readonly string[]): string | undefined {
  return names.map((name) => join(folder, name)).find((path) => existsSync(path));
}
