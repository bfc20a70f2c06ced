import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { StartError } from 'sc-protocol';
import type { ShardStatistics } from '../core/statistics.js';
import { writeMetrics } from './metrics.js';

export interface HealthOptions {
  readonly port: number;
  readonly host: string;
}

/** The part of a store that the health port reports. */
export interface HealthView {
  readonly clients: number;
  readonly isListening: boolean;
  readonly statistics: () => ShardStatistics;
}

/** More connections than probes and collectors need. Further ones are dropped. */
const maxConnections = 256;

/**
 * Serves `GET /healthz` (liveness: always 200), `GET /readyz` (200, or 503 with the reasons) and `GET /metrics` on a
 * port of its own, without a secret. Rejects with `StartError`.
 */
export async function serveHealth({ port, host }: HealthOptions, view: HealthView): Promise<Server> {
  const timeouts = { headersTimeout: 2_000, requestTimeout: 2_000, connectionsCheckingInterval: 1_000 };
  const server = createServer({ ...timeouts, maxHeaderSize: 8_192 }, (request, response) => {
    answer(request, response, view);
  });
  server.maxConnections = maxConnections;
  try {
    await once(server.listen(port, host), 'listening');
  } catch (cause) {
    throw new StartError(`--health-port ${port} on ${host}: ${(cause as Error).message}`, undefined, { cause });
  }
  return server;
}

function answer({ method, url = '' }: IncomingMessage, response: ServerResponse, view: HealthView): void {
  // A keep-alive connection of a probe would delay the exit.
  response.setHeader('connection', 'close');
  response.setHeader('cache-control', 'no-store');
  const [path] = url.split('?');
  if (path !== '/healthz' && path !== '/readyz' && path !== '/metrics') {
    send(response, 404, { error: 'not found' });
  } else if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    send(response, 405, { error: 'method not allowed' });
  } else if (path === '/healthz') {
    send(response, 200, { alive: true });
  } else if (path === '/metrics') {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(writeMetrics(view.statistics(), view.clients));
  } else {
    const reasons = reasonsNotReady(view);
    const ready = reasons.length === 0;
    send(response, ready ? 200 : 503, ready ? { ready } : { ready, reasons });
  }
}

function reasonsNotReady({ isListening, statistics }: HealthView): string[] {
  if (!isListening) return ['the store does not listen'];
  return statistics().isReadOnly ? ['the log cannot be written: keys are read-only'] : [];
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
