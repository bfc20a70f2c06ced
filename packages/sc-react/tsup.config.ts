import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.config.base.ts';

export default defineConfig(
  packageBuild({
    platform: 'neutral',
    target: 'es2022',
    shims: false,
    // Frameworks with server components load a module with hooks in the browser only if it begins with this.
    banner: { js: "'use client';" },
  }),
);
