import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError, exitCodes } from '../exit.js';

const templatesFolder = fileURLToPath(new URL('../templates/', import.meta.url));

/** The folder of a template. For an unknown name, fails with the known names. */
export function templateNamed(name: string): string {
  const known = readdirSync(templatesFolder);
  if (known.includes(name)) return `${templatesFolder}${name}`;
  throw new CliError(`--template must be one of ${known.join(', ')}, got "${name}"`, exitCodes.usage);
}
