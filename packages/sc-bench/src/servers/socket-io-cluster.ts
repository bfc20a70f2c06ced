import cluster from 'node:cluster';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdapter, setupPrimary } from '@socket.io/cluster-adapter';
import { Server } from 'socket.io';
import { announceReady } from './ready.js';
import { serveSocketIo } from './socket-io-events.js';

const workerCount = 2;

if (cluster.isPrimary) {
  setupPrimary();
  const ports: number[] = [];
  cluster.on('message', (_worker, message: { benchPort?: number }) => {
    if (message.benchPort === undefined) return;
    ports.push(message.benchPort);
    if (ports.length === workerCount) announceReady(ports);
  });
  for (let i = 0; i < workerCount; i++) cluster.fork();
} else {
  const httpServer = createServer();
  const io = new Server(httpServer, { transports: ['websocket'], serveClient: false });
  io.adapter(createAdapter());
  serveSocketIo(io);
  // Each worker has its own port, so that the benchmark can choose the worker of each client.
  httpServer.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
    process.send?.({ benchPort: (httpServer.address() as AddressInfo).port });
  });
}
