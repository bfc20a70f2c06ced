import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../exit.js';
import type { PackageManager } from './package-manager.js';

/** The parts of the app's `package.json` that say where SocketCluster comes from. */
export type DependencyFields = Readonly<Record<string, unknown>>;

const direct = ['sc-cli', 'sc-client', 'sc-server'];
const indirect = ['ndata-store', 'sc-balancer', 'sc-channel', 'sc-protocol', 'sc-worker-pool'];

/**
 * From the registry, the version of this program; packages published under a scope get an alias, so that the code of the app
 * stays the same. From a folder of tarballs, those, for the packages that the app needs itself and for the packages that those
 * need.
 */
export function dependencyFields(from: {
  readonly manager: PackageManager;
  readonly version: string;
  /** `@scope/`, or an empty string. */
  readonly scope: string;
  readonly tarballs?: string;
}): DependencyFields {
  const { manager, version, scope, tarballs } = from;
  if (tarballs === undefined) {
    const spec = (name: string) => (scope === '' ? `^${version}` : `npm:${scope}${name}@^${version}`);
    return { dependencies: Object.fromEntries(direct.map((name) => [name, spec(name)])) };
  }
  if (!existsSync(tarballs)) throw new CliError(`There is no folder ${tarballs} to take the packages from`);
  const files = readdirSync(tarballs);
  const specs = (names: readonly string[]) =>
    Object.fromEntries(
      names.map((name) => {
        const file = files.find((candidate) => new RegExp(`^${name}-\\d.*\\.tgz$`).test(candidate));
        if (file === undefined) throw new CliError(`There is no ${name}-${version}.tgz in ${tarballs}`);
        return [name, `file:${join(tarballs, file)}`];
      }),
    );
  return { dependencies: specs(direct), ...overrides(manager, specs(indirect)) };
}

/** Each package manager has a name of its own for "wherever this package is needed, take that one". */
function overrides(manager: PackageManager, specs: Readonly<Record<string, string>>): DependencyFields {
  switch (manager) {
    case 'npm':
    case 'bun':
      return { overrides: specs };
    case 'pnpm':
      return { pnpm: { overrides: specs } };
    case 'yarn':
      return { resolutions: specs };
    default:
      return manager satisfies never;
  }
}
