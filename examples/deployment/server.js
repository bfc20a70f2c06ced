// An app as it is deployed: what differs between machines comes from the environment.
import { fileURLToPath } from 'node:url';
import { SocketCluster } from 'sc-server';

const cluster = new SocketCluster({
  appName: 'myapp',
  port: Number(process.env.PORT ?? 8000),
  // One proxy in front, nginx or HAProxy, says where clients come from.
  trustProxy: 1,
  workerController: fileURLToPath(new URL('worker.js', import.meta.url)),
});
cluster.on('ready', () => {
  const { port, healthPort } = cluster.status();
  console.log(`READY ${JSON.stringify({ port, healthPort })}`);
});
