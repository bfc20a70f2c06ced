import { readFileSync } from 'node:fs';

interface OwnManifest {
  readonly name: string;
  readonly version: string;
}

function readManifest(): OwnManifest {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as OwnManifest;
}

/** The version of this package, which is the version of all packages. */
export const ownVersion = (): string => readManifest().version;

/** `@scope/` when the packages were published under a scope, otherwise an empty string. */
export const ownScope = (): string => /^(@[^/]+\/)?/.exec(readManifest().name)?.[0] ?? '';
