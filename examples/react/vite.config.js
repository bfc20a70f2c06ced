import { defineConfig } from 'vite';

export default defineConfig({
  // React without a plugin; `vite` alone gives a development server that asks the real one for sockets.
  esbuild: { jsx: 'automatic' },
  server: { proxy: { '/socketcluster/': { target: 'ws://localhost:8000', ws: true } } },
});
