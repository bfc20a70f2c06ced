import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.config.base.ts';

export default defineConfig(packageBuild({ platform: 'neutral', target: 'es2022', shims: false }));
