// A cluster with every kind of process, for the soak. Says READY with the pids of all.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SocketCluster } from '../../dist/index.js';

const [keyFile, certFile] = process.argv.slice(2);
const cluster = new SocketCluster({
  appName: 'soak',
  port: 0,
  host: '127.0.0.1',
  workers: 2,
  stores: 1,
  balancers: 1,
  protocol: 'https',
  protocolOptions: { key: readFileSync(keyFile), cert: readFileSync(certFile) },
  authKey: 'a key of thirty-two bytes or more',
  workerController: fileURLToPath(new URL('worker.cjs', import.meta.url)),
});
cluster.on('ready', () => console.log(`READY ${JSON.stringify(cluster.status())}`));
cluster.on('fail', () => (process.exitCode = 1));
