import { readFileSync } from 'node:fs';

/** The version of this package, which is the version of all packages. */
export function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}
