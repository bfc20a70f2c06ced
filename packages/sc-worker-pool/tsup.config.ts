import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.config.base.ts';

export default defineConfig([
  packageBuild({ entry: ['src/index.ts', 'src/child.ts'] }),
  // A module that nobody imports: the watchdog starts it by its path.
  packageBuild({ entry: ['src/orphan-watchdog-thread.ts'], format: ['esm'], dts: false, clean: false }),
]);
