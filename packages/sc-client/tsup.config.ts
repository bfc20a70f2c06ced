import { rmSync } from 'node:fs';
import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.config.base.ts';

// Cleaned once, here: the builds below run side by side and share the folder.
rmSync(new URL('dist', import.meta.url), { recursive: true, force: true });

const entry = {
  index: 'src/index.ts',
  'node/index': 'src/node/index.ts',
  msgpack: 'src/msgpack.ts',
  cookie: 'src/cookie.ts',
  sync: 'src/sync.ts',
  presence: 'src/presence.ts',
};
const common = { clean: false, platform: 'neutral', target: 'es2022', shims: false } as const;
const script = {
  entry: { socketcluster: 'src/checked/index.ts' },
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
    // The entry for development has the types of the one for production.
    entry: { ...entry, 'checked/index': 'src/checked/index.ts' },
    dts: { entry },
    external: ['ws'],
    ...common,
  }),
  packageBuild({ ...script, outExtension: () => ({ js: '.js' }) }),
  packageBuild({ ...script, minify: true, outExtension: () => ({ js: '.min.js' }) }),
  // Modules that a page without a bundler imports as they are. They share chunks, so a page may use several of them.
  packageBuild({
    ...script,
    entry: {
      socketcluster: 'src/checked/index.ts',
      cookie: 'src/cookie.ts',
      msgpack: 'src/msgpack.ts',
      presence: 'src/presence.ts',
      sync: 'src/sync.ts',
    },
    format: ['esm'],
    splitting: true,
    minify: true,
    outExtension: () => ({ js: '.mjs' }),
  }),
]);
