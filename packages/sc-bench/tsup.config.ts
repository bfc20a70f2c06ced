import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.config.base.ts';

// A server of a peer runs in a process of its own, so each is an entry; so do the clients of stores.
export default defineConfig(
  packageBuild({
    entry: ['src/main.ts', 'src/flame.ts', 'src/servers/*.ts', 'src/store/{client,soak}.ts'],
    format: ['esm'],
    dts: false,
    skipNodeModulesBundle: true,
  }),
);
