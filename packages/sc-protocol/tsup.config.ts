import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.config.base.ts';

const entry = {
  index: 'src/index.ts',
  client: 'src/client.ts',
  chunks: 'src/chunks.ts',
  history: 'src/history/index.ts',
  legacy: 'src/legacy/index.ts',
  msgpack: 'src/msgpack/index.ts',
  kit: 'src/kit/index.ts',
};

export default defineConfig(packageBuild({ entry, platform: 'neutral', target: 'es2022', shims: false }));
