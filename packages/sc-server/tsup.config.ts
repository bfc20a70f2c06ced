import { cpSync, rmSync } from 'node:fs';
import { defineConfig } from 'tsup';
import { packageBuild, typesBuild } from '../../tsup.config.base.ts';

// Cleaned once, here: the builds below run side by side and share the folder.
rmSync(new URL('dist', import.meta.url), { recursive: true, force: true });

// The child processes are ES modules only, without types: nobody requires them, and they await at their top level.
export default defineConfig([
  packageBuild({
    entry: {
      index: 'src/index.ts',
      tools: 'src/tools.ts',
      'processes/worker': 'src/cluster/children/worker.ts',
      'processes/store': 'src/cluster/children/store.ts',
      'processes/balancer': 'src/cluster/children/balancer.ts',
      'processes/admin': 'src/admin/admin-process.ts',
    },
    format: ['esm'],
    dts: false,
    clean: false,
    // The admin port serves these files as they are.
    onSuccess: async () =>
      cpSync(new URL('src/admin/public', import.meta.url), new URL('dist/processes/public', import.meta.url), {
        recursive: true,
      }),
  }),
  packageBuild({ entry: { index: 'src/index.ts', tools: 'src/tools.ts' }, format: ['cjs'], dts: false, clean: false }),
  ...typesBuild({ index: 'src/index.ts', tools: 'src/tools.ts' }),
]);
