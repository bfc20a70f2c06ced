// Starts the cluster. This process runs none of your app's code; it only keeps the other processes alive.
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SocketCluster } from 'sc-server';

// The worker next to this file: worker.ts under tsx, worker.js when built.
const worker = new URL(`worker${extname(import.meta.url)}`, import.meta.url);

// Environment variables set the other options: PORT, SC_AUTH_KEY_FILE, any option as SC_…
const cluster = new SocketCluster({
  appName: 'APP_NAME',
  workers: 2, // 'auto' is one per core.
  workerController: fileURLToPath(worker),
});

cluster.on('ready', () => {
  console.log(`Open http://localhost:${cluster.status().port}`);
});
