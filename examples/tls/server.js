// TLS terminates in two balancer processes. The workers receive plain HTTP and the client's real address, never the
// key.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SocketCluster } from 'sc-server';

const { PORT = '8443', TLS_KEY_FILE = './key.pem', TLS_CERT_FILE = './cert.pem' } = process.env;

const cluster = new SocketCluster({
  appName: 'tls',
  port: Number(PORT),
  protocol: 'https',
  // A function, so that SIGHUP reads the files again after `certbot renew`.
  protocolOptions: () => ({ key: readFileSync(TLS_KEY_FILE), cert: readFileSync(TLS_CERT_FILE) }),
  balancers: 2,
  workers: 2,
  workerController: fileURLToPath(new URL('worker.js', import.meta.url)),
});
cluster.on('ready', () => console.log(`Open https://localhost:${cluster.status().port}, pid ${process.pid}`));
