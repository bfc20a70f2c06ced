import { existsSync } from 'node:fs';
// Renamed, because bundled programs often declare `createRequire` themselves in a banner.
import { createRequire as requireFrom } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from 'sc-protocol';

interface ProcessOptions {
  readonly processDirectory: string | undefined;
}

/**
 * Returns the folder with the entry modules of the child processes, `worker.js`, `store.js`, `balancer.js` and
 * `admin.js`: the one of the option, otherwise next to this module, otherwise in the installed package. In a bundle
 * this module is elsewhere or has no location.
 */
export function processFolder({ processDirectory }: ProcessOptions): string {
  const candidates = processDirectory === undefined ? [besideThisModule, inInstalledPackage] : [() => processDirectory];
  for (const candidate of candidates) {
    const folder = find(candidate);
    if (folder !== undefined && existsSync(join(folder, 'worker.js'))) return folder;
  }
  throw new StartError(
    processDirectory === undefined
      ? 'The entry modules of the child processes were not found: leave sc-server out of the bundle, install it beside the bundle, or copy its dist/processes and name the copy by `processDirectory`'
      : `\`processDirectory\` ${processDirectory} has no worker.js: it must be a copy of the folder dist/processes of sc-server`,
  );
}

/**
 * Returns the entry module of a role. If it is missing, the cluster does not start: {@link processFolder} reports the
 * reason.
 */
export function processFile(options: ProcessOptions, role: 'worker' | 'store' | 'balancer' | 'admin'): string {
  return join(find(() => processFolder(options)) ?? '/nowhere', `${role}.js`);
}

function besideThisModule(): string {
  return fileURLToPath(new URL('./processes/', import.meta.url));
}

function inInstalledPackage(): string {
  const program = process.argv[1] ?? join(process.cwd(), 'program.js');
  return join(dirname(requireFrom(program).resolve('sc-server/package.json')), 'dist', 'processes');
}

function find(candidate: () => string): string | undefined {
  try {
    return candidate();
  } catch {
    return undefined; // This module has no location, or the package is not installed.
  }
}
