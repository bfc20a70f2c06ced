// An app prepared for deployment: environment variables set everything that differs between machines.
import { fileURLToPath } from 'node:url';
import { SocketCluster } from 'sc-server';

const cluster = new SocketCluster({
  appName: 'myapp',
  port: Number(process.env.PORT ?? 8000),
  // One proxy in front, nginx or HAProxy, forwards the addresses of clients.
  trustProxy: 1,
  workerController: fileURLToPath(new URL('worker.js', import.meta.url)),
});
cluster.on('ready', () => {
  const { port, healthPort } = cluster.status();
  console.log(`READY ${JSON.stringify({ port, healthPort })}`);
});
