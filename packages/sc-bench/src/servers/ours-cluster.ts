import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SocketClusterOptions } from 'sc-server';
import { announceReady } from './ready.js';
import { SocketCluster } from './sc-server-build.js';

const { SC_BENCH_TLS: directory, SC_BENCH_BALANCERS: balancers = '0', SC_BENCH_WORKERS: workers = '2' } = process.env;

const options: SocketClusterOptions = {
  workerController: fileURLToPath(new URL('ours-worker.js', import.meta.url)),
  workers: Number(workers),
  stores: 1,
  balancers: Number(balancers),
  port: 0,
  host: '127.0.0.1',
  authKey: 'a'.repeat(64),
  inboundRate: 0,
  connectionRate: 0,
  maxEventLoopLag: 0,
  logLevel: 'error',
};

const cluster = new SocketCluster(
  directory === undefined
    ? options
    : {
        ...options,
        protocol: 'https',
        protocolOptions: {
          key: readFileSync(`${directory}/key.pem`),
          cert: readFileSync(`${directory}/cert.pem`),
        },
      },
);

// Each worker has its own port besides the public one, so that the benchmark can choose the worker of each client.
const workerPorts: number[] = [];
cluster.on('workerMessage', (_worker, data) => {
  workerPorts.push((data as { benchPort: number }).benchPort);
  announce();
});
let publicPort: number | undefined;
cluster.on('ready', () => {
  publicPort = cluster.status().port;
  announce();
});

function announce(): void {
  if (publicPort === undefined || workerPorts.length < Number(workers)) return;
  announceReady(directory === undefined ? workerPorts : [publicPort], () => cluster.close());
}
