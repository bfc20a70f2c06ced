import { readFile, writeFile } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import type { Options } from 'tsup';

/** Types take most of the build time. Set `SC_NO_TYPES=1` to build only what is needed at run time. */
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
    // Packages ship `src` once. The maps of both formats refer to it instead of embedding a copy each.
    esbuildOptions(options) {
      options.sourcesContent = false;
    },
    plugins: [{ name: 'portable-maps', buildEnd: ({ writtenFiles }) => makeMapsPortable(writtenFiles) }],
    ...overrides,
    ...(!isWithTypes && { dts: false }),
  };
}

/** Builds only the types of both formats. Complements builds that emit JavaScript for one format each. */
export function typesBuild(entry: Record<string, string>): Options[] {
  return isWithTypes ? [packageBuild({ entry, dts: { only: true }, clean: false })] : [];
}

/** tsup names a split chunk by its absolute path, which differs on every machine. Keep only the base name. */
async function makeMapsPortable(files: readonly { readonly name: string }[]): Promise<void> {
  for (const { name } of files.filter((file) => file.name.endsWith('.map'))) {
    const map = JSON.parse(await readFile(name, 'utf8')) as { sources: string[]; file?: string };
    map.sources = map.sources.map((source) => (isAbsolute(source) ? basename(source) : source));
    if (map.file !== undefined) map.file = basename(map.file);
    await writeFile(name, JSON.stringify(map));
  }
}
