// Starts the cluster. Nothing of your app runs in this process; it only keeps the others alive.
import { SocketCluster } from 'sc-server';

const cluster = new SocketCluster({
  appName: 'APP_NAME',
  port: Number(process.env.PORT ?? 8000),
  workers: Number(process.env.WORKERS ?? 2),
  stores: 1,
  workerController: new URL('worker.js', import.meta.url).pathname,
  // Tokens outlive a restart when you set a secret of your own: `openssl rand -hex 32`.
  authKey: process.env.AUTH_KEY,
});

cluster.on('ready', () => {
  console.log(`Open http://localhost:${cluster.status().port}`);
});
