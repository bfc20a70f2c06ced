// Starts the cluster. This process runs none of your app's code; it only keeps the other processes alive.
import { fileURLToPath } from 'node:url';
import { SocketCluster } from 'sc-server';

// Environment variables set the other options: PORT, SC_AUTH_KEY_FILE, any option as SC_…
const cluster = new SocketCluster({
  appName: 'APP_NAME',
  workers: 2, // 'auto' is one per core.
  workerController: fileURLToPath(new URL('worker.js', import.meta.url)),
});

cluster.on('ready', () => {
  console.log(`Open http://localhost:${cluster.status().port}`);
});
