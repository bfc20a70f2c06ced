// Starts the cluster. One worker holds the world; all workers serve players.
import { fileURLToPath } from 'node:url';
import { SocketCluster } from 'sc-server';

const cluster = new SocketCluster({
  appName: 'game',
  port: Number(process.env.PORT ?? 8000),
  workers: 2,
  workerController: fileURLToPath(new URL('worker.js', import.meta.url)),
});
cluster.on('ready', () => console.log(`Open http://localhost:${cluster.status().port} in two windows`));
