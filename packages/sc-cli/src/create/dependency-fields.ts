import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../exit.js';
import type { PackageManager } from './package-manager.js';

/** The fields of the app's `package.json` that specify the source of SocketCluster. */
export type DependencyFields = Readonly<Record<string, unknown>>;

const direct = ['sc-cli', 'sc-client', 'sc-server'];
const indirect = ['ndata-store', 'sc-balancer', 'sc-channel', 'sc-protocol', 'sc-worker-pool'];

/**
 * From the registry: the version of this program, with an alias for packages published under a scope, so that the code
 * of the app stays the same. From a folder of tarballs: the tarballs, for direct and indirect dependencies.
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

/** Each package manager has its own field to override indirect dependencies. */
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
