import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';

interface Esbuild {
  build(options: object): Promise<{ readonly outputFiles: readonly [{ readonly contents: Uint8Array }] }>;
}

// The copy that the build uses.
const require = createRequire(import.meta.url);
const tsup = require.resolve('../../../../node_modules/tsup/package.json');
const esbuild = createRequire(realpathSync(tsup))('esbuild') as Esbuild;

/** Bundles a program for browsers as an application would, from this package as it is built. */
export async function bundle(program: string, conditions: readonly string[] = []): Promise<Uint8Array> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: program, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    conditions: ['module', ...conditions],
    target: 'es2022',
    logLevel: 'error',
  });
  return outputFiles[0].contents;
}
