import { rmSync } from 'node:fs';
import { defineConfig } from 'tsup';
import { packageBuild, typesBuild } from '../../tsup.config.base.ts';

// Cleaned once, here: the builds below run side by side and share the folder.
rmSync(new URL('dist', import.meta.url), { recursive: true, force: true });

const entry = { index: 'src/index.ts', tools: 'src/tools.ts' };
// Nobody requires these, and they await at their top level: ES modules only, without types.
const processes = {
  'processes/worker': 'src/cluster/processes/worker.ts',
  'processes/store': 'src/cluster/processes/store.ts',
  'processes/balancer': 'src/cluster/processes/balancer.ts',
};

export default defineConfig([
  packageBuild({ entry: { ...entry, ...processes }, format: ['esm'], dts: false, clean: false }),
  packageBuild({ entry, format: ['cjs'], dts: false, clean: false }),
  ...typesBuild(entry),
]);
