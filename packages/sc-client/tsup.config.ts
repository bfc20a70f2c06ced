import { rmSync } from 'node:fs';
import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.config.base.ts';

// Cleaned once, here: the builds below run side by side and share the folder.
rmSync(new URL('dist', import.meta.url), { recursive: true, force: true });

const common = { clean: false, platform: 'neutral', target: 'es2022', shims: false } as const;
const script = {
  entry: { socketcluster: 'src/index.ts' },
  format: ['iife' as const],
  globalName: 'socketCluster',
  outDir: 'dist/browser',
  // One file with everything in it, for <script src="socketcluster.js">.
  noExternal: [/.*/],
  dts: false,
  splitting: false,
  ...common,
};

export default defineConfig([
  packageBuild({
    entry: {
      index: 'src/index.ts',
      'node/index': 'src/node/index.ts',
      msgpack: 'src/msgpack.ts',
      cookie: 'src/cookie.ts',
    },
    external: ['ws'],
    ...common,
  }),
  packageBuild({ ...script, outExtension: () => ({ js: '.js' }) }),
  packageBuild({ ...script, minify: true, outExtension: () => ({ js: '.min.js' }) }),
]);
