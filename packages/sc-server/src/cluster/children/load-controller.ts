import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StartError } from 'sc-protocol';
import { findSyntaxError } from './find-syntax-error.js';

/** The function `run` that a controller module exports. */
export type Run<Subject> = (subject: Subject) => unknown;

/**
 * Loads a controller: CommonJS `module.exports.run`, ESM `export function run`, or either as the default export. Throws
 * `StartError` if the module or function does not exist; errors of the module itself are rethrown unchanged.
 */
export async function loadController<Subject>(path: string, kind: string): Promise<Run<Subject>> {
  if (!existsSync(path)) throw new StartError(`The ${kind} controller ${path} does not exist`);
  const module = await importController(path);
  const fallback = module.default as { run?: unknown } | undefined;
  for (const candidate of [module.run, fallback?.run, fallback]) {
    if (typeof candidate === 'function') return candidate as Run<Subject>;
  }
  throw new StartError(`The ${kind} controller ${path} must export a function named run`);
}

async function importController(path: string): Promise<{ run?: unknown; default?: unknown }> {
  try {
    return (await import(pathToFileURL(path).href)) as { run?: unknown; default?: unknown };
  } catch (error) {
    // For an ES module that does not parse, Node reports the error without its location.
    if (error instanceof SyntaxError && error.stack?.includes(basename(path)) === false) {
      const place = await findSyntaxError(path);
      if (place === undefined) error.message += ` (in a module that ${path} imports)`;
      error.stack = `${place ?? path}\n${error.stack}`;
    }
    throw error;
  }
}
