// Starts the server and prints `READY {json}` when it accepts connections. See README.md for what it does.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SCServer, SocketCluster } from 'sc-server';
import { serve } from './app.js';
import { useCodec } from './codec.js';
import { serverOptions, settings, withoutUndefined } from './settings.js';

const tls =
  settings.keyFile === undefined
    ? undefined
    : { key: readFileSync(settings.keyFile, 'utf8'), cert: readFileSync(settings.certFile, 'utf8') };

function printReady(port, pids) {
  const url = `${tls === undefined ? 'http' : 'https'}://localhost:${port}`;
  console.log(`READY ${JSON.stringify({ url, ports: { server: port }, pids })}`);
}

async function startAlone() {
  const httpServer = tls === undefined ? createServer() : createTlsServer(tls);
  const scServer = SCServer.attach(httpServer, serverOptions);
  useCodec(scServer);
  serve(scServer, { id: 0, workers: 0 });
  const stop = () => scServer.close();
  process.once('SIGTERM', stop).once('SIGINT', stop);
  httpServer.listen(settings.port);
  await once(httpServer, 'listening');
  printReady(httpServer.address().port, { supervisor: process.pid, workers: [], stores: [], balancers: [] });
}

function startCluster() {
  const cluster = new SocketCluster(
    withoutUndefined({
      ...serverOptions,
      appName: 'acceptance',
      port: settings.port,
      workers: settings.workers,
      stores: settings.stores,
      balancers: settings.balancers,
      workerController: fileURLToPath(new URL('worker.js', import.meta.url)),
      protocol: tls === undefined ? undefined : 'https',
      protocolOptions: tls,
      logLevel: settings.logLevel,
    }),
  );
  cluster.on('ready', () => {
    const { port, supervisor, workers, stores, balancers } = cluster.status();
    const pidsOf = (processes) => processes.map(({ pid }) => pid);
    printReady(port, {
      supervisor: supervisor.pid,
      workers: pidsOf(workers),
      stores: pidsOf(stores),
      balancers: pidsOf(balancers),
    });
  });
}

if (settings.workers === 0) await startAlone();
else startCluster();
