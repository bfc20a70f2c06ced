import { defineConfig } from 'vite';

export default defineConfig({
  // React without a plugin. `vite` alone starts a development server that forwards sockets to `server.js`.
  esbuild: { jsx: 'automatic' },
  server: { proxy: { '/socketcluster/': { target: 'ws://localhost:8000', ws: true } } },
});
