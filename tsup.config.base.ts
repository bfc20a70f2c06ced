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
    sourcemap: false,
    ...overrides,
    ...(!isWithTypes && { dts: false }),
  };
}

/** Only types, for both formats: beside builds that make JavaScript for one format each. */
export function typesBuild(entry: Record<string, string>): Options[] {
  return isWithTypes ? [packageBuild({ entry, dts: { only: true }, clean: false })] : [];
}
