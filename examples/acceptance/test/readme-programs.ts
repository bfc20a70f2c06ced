import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as testkit from 'sc-testkit';
import type { Program, TempDir } from 'sc-testkit';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** This example. Its node_modules include all packages. */
export const parent = fileURLToPath(new URL('..', import.meta.url));
const packages = readdirSync(join(root, 'packages'));

/** The Markdown files outside of `docs`, by their path from the root. The tests of `docs` cover the others. */
export function markdownFiles(): string[] {
  const ofPackages = packages.flatMap((name) =>
    readdirSync(join(root, 'packages', name))
      .filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md')
      .map((file) => `packages/${name}/${file}`),
  );
  return ['README.md', 'CONTRIBUTING.md', ...ofPackages];
}

/** The README of every published package. */
export function publishedReadmes(): string[] {
  return packages
    .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
    .filter((name) => {
      const manifest = readFileSync(join(root, 'packages', name, 'package.json'), 'utf8');
      return (JSON.parse(manifest) as { private?: boolean }).private !== true;
    })
    .map((name) => `packages/${name}/README.md`);
}

export const textOf = (file: string) => readFileSync(join(root, file), 'utf8');

/** Saves programs where they can resolve the packages, with a free port instead of 8000. */
export function savePrograms(programs: readonly Program[], port: number): TempDir {
  return testkit.savePrograms(programs, { parent, port });
}
