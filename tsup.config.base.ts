import { readFile, writeFile } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import type { Options } from 'tsup';

/** Types take most of the time of a build; whoever only wants to run it can do without. */
const isWithTypes = process.env.SC_NO_TYPES !== '1';

/** The build of every package: ESM, CommonJS and types for both, from the entries it names. */
export function packageBuild(overrides: Options = {}): Options {
  return {
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    target: 'node20',
    platform: 'node',
    dts: true,
    clean: true,
    splitting: true,
    treeshake: false,
    shims: true,
    sourcemap: true,
    // Packages ship `src` once; the maps of both formats point there instead of carrying two copies of it.
    esbuildOptions(options) {
      options.sourcesContent = false;
    },
    plugins: [{ name: 'portable-maps', buildEnd: ({ writtenFiles }) => makeMapsPortable(writtenFiles) }],
    ...overrides,
    ...(!isWithTypes && { dts: false }),
  };
}

/** Only types, for both formats: beside builds that make JavaScript for one format each. */
export function typesBuild(entry: Record<string, string>): Options[] {
  return isWithTypes ? [packageBuild({ entry, dts: { only: true }, clean: false })] : [];
}

/** tsup names the chunk that it split by its absolute path, which differs on every machine. */
async function makeMapsPortable(files: readonly { readonly name: string }[]): Promise<void> {
  for (const { name } of files.filter((file) => file.name.endsWith('.map'))) {
    const map = JSON.parse(await readFile(name, 'utf8')) as { sources: string[]; file?: string };
    map.sources = map.sources.map((source) => (isAbsolute(source) ? basename(source) : source));
    if (map.file !== undefined) map.file = basename(map.file);
    await writeFile(name, JSON.stringify(map));
  }
}
