import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Bounds the extra time that a failed start may take for a better message. */
const searchTimeoutMs = 10_000;
const checkTimeoutMs = 5_000;
/** `import … from './file.js'`, `export … from`, `import './file.js'`: modules that are loaded before any code runs. */
const staticImport = /^\s*(?:import|export)\b[^'"]*?(['"])(\.{1,2}\/[^'"\n]+\.[cm]?js)\1/gm;

/**
 * Finds the location, as `file:line`, of a syntax error in a module or in one that it imports by relative path. For ES
 * modules, Node reports the error without its location. The modules are not executed. Returns `undefined` if it is not
 * found.
 */
export async function findSyntaxError(path: string): Promise<string | undefined> {
  const endAt = performance.now() + searchTimeoutMs;
  const seen = new Set([path]);
  for (const file of seen) {
    if (performance.now() > endAt) return undefined;
    const place = await check(file);
    if (place !== undefined) return place;
    for (const imported of importsOf(file)) seen.add(imported);
  }
  return undefined;
}

/** Lets Node parse the file: its output begins with the location of a syntax error. */
function check(path: string): Promise<string | undefined> {
  return new Promise((done) => {
    execFile(process.execPath, ['--check', path], { timeout: checkTimeoutMs }, (_error, _stdout, stderr) => {
      done(/^(?:file:\/\/)?(?!node:)(\S.*:\d+)$/m.exec(stderr)?.[1]);
    });
  });
}

function importsOf(file: string): string[] {
  const imports = [...readFileSync(file, 'utf8').matchAll(staticImport)];
  return imports.map(([, , specifier = '']) => resolve(dirname(file), specifier)).filter((path) => existsSync(path));
}
