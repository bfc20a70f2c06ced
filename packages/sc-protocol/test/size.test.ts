import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';

interface Esbuild {
  build(options: object): Promise<{ outputFiles: readonly { contents: Uint8Array }[] }>;
}

// The copy that the build uses.
const tsup = createRequire(import.meta.url).resolve('../../../node_modules/tsup/package.json');
const esbuild = createRequire(realpathSync(tsup))('esbuild') as Esbuild;

async function gzippedBytes(entry: string): Promise<number> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [fileURLToPath(new URL(`../src/${entry}`, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length;
}

describe('the size of what a page loads, minified and compressed', () => {
  it('is at most 6.1 KB for all of sc-protocol', async () => {
    expect(await gzippedBytes('index.ts')).toBeLessThanOrEqual(6246);
  });

  it('is at most 2.6 KB for the MessagePack codec, with the errors it needs', async () => {
    expect(await gzippedBytes('msgpack/index.ts')).toBeLessThanOrEqual(2662);
  });
});
