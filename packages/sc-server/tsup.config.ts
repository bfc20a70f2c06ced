import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.config.base.ts';

// The child processes are ES modules only: nobody requires them, and they await at their top level.
export default defineConfig([
  packageBuild({
    entry: {
      index: 'src/index.ts',
      tools: 'src/tools.ts',
      'processes/worker': 'src/cluster/processes/worker.ts',
      'processes/store': 'src/cluster/processes/store.ts',
      'processes/balancer': 'src/cluster/processes/balancer.ts',
    },
    format: ['esm'],
    dts: { entry: { index: 'src/index.ts', tools: 'src/tools.ts' } },
  }),
  packageBuild({ entry: { index: 'src/index.ts', tools: 'src/tools.ts' }, format: ['cjs'], clean: false, dts: false }),
]);
