import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { announceReady } from './ready.js';

/** The HTTP server of every peer. Uses TLS if the benchmark provides a key. */
export function createHttpServer(): Server {
  const { SC_BENCH_TLS: directory } = process.env;
  if (directory === undefined) return createServer();
  return createSecureServer({
    key: readFileSync(`${directory}/key.pem`),
    cert: readFileSync(`${directory}/cert.pem`),
  });
}

/** Listens on a free loopback port, or on the socket of the proxy in front, and notifies the benchmark. */
export function listen(httpServer: Server): void {
  const { SC_BENCH_SOCKET: path } = process.env;
  if (path !== undefined) {
    httpServer.listen({ path, backlog: 4096 }, () => announceReady([0]));
    return;
  }
  httpServer.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
    announceReady([(httpServer.address() as AddressInfo).port]);
  });
}
