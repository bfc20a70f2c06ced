// Starts the cluster. Nothing of your app runs in this process; it only keeps the others alive.
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SocketCluster } from 'sc-server';

// The worker beside this file: worker.ts when tsx runs it, worker.js when it is built.
const worker = new URL(`worker${extname(import.meta.url)}`, import.meta.url);

// What is left out here comes from the environment: PORT, SC_AUTH_KEY_FILE, every other option as SC_…
const cluster = new SocketCluster({
  appName: 'APP_NAME',
  workers: 2, // 'auto' is one per core.
  workerController: fileURLToPath(worker),
});

cluster.on('ready', () => {
  console.log(`Open http://localhost:${cluster.status().port}`);
});
