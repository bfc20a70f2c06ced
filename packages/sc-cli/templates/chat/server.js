// Starts the cluster. Nothing of your app runs in this process; it only keeps the others alive.
import { fileURLToPath } from 'node:url';
import { SocketCluster } from 'sc-server';

// What is left out here comes from the environment: PORT, SC_AUTH_KEY_FILE, every other option as SC_…
const cluster = new SocketCluster({
  appName: 'APP_NAME',
  workers: 2, // 'auto' is one per core.
  workerController: fileURLToPath(new URL('worker.js', import.meta.url)),
});

cluster.on('ready', () => {
  console.log(`Open http://localhost:${cluster.status().port}`);
});
