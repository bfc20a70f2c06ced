import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * The path of a program that a suite needs. If it is missing, throws with `CI=true`, so that no test is skipped
 * unnoticed; otherwise prints which tests are skipped and returns `undefined`.
 */
export function requiredTool(
  name: string,
  options: { readonly for: string; readonly env?: NodeJS.ProcessEnv; readonly warn?: (text: string) => void },
): string | undefined {
  const env = options.env ?? process.env;
  const path = findProgram(name, env['PATH'] ?? '');
  if (path !== undefined) return path;
  const text = `${name} is not installed: ${options.for} is NOT TESTED here`;
  if (env['CI'] === 'true') throw new Error(text);
  const warn = options.warn ?? ((line: string) => process.stderr.write(`${line}\n`));
  warn(`\n!!! ${text}\n`);
  return undefined;
}

function findProgram(name: string, searchPath: string): string | undefined {
  const candidates = isAbsolute(name) ? [name] : searchPath.split(delimiter).map((directory) => join(directory, name));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
