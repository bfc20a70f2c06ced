import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from 'sc-protocol';
import { metricsContentTypes, metricsFormatFor, type MetricsFormat } from '../../metrics/exposition.js';

export interface HealthServerSetting {
  readonly port: number;
  readonly host: string;
  /** Returns the reasons why this host should receive no new connections now; empty if it is ready. */
  readonly reasonsNotReady: () => readonly string[];
  readonly metrics: (format: MetricsFormat) => string;
}

/** More than probes and collectors need; further connections are dropped. */
const maxConnections = 256;

/**
 * Serves `GET /healthz` (liveness of the supervisor: always 200), `GET /readyz` (200, or 503 with the reasons) and `GET
 * /metrics` on a separate port, which application clients do not use.
 */
export class HealthServer {
  readonly #setting: HealthServerSetting;
  readonly #server: Server;

  constructor(setting: HealthServerSetting) {
    this.#setting = setting;
    const timeouts = { headersTimeout: 2_000, requestTimeout: 2_000, connectionsCheckingInterval: 1_000 };
    this.#server = createServer({ ...timeouts, maxHeaderSize: 8_192 }, (request, response) => {
      this.#answer(request, response);
    });
    this.#server.maxConnections = maxConnections;
  }

  /** The port in use; `undefined` before it listens. */
  get port(): number | undefined {
    return (this.#server.address() as AddressInfo | null)?.port;
  }

  async listen(): Promise<void> {
    const { port, host } = this.#setting;
    try {
      await once(this.#server.listen(port, host), 'listening');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'it is in use already' : (code ?? 'it cannot be listened on');
      // Omit the cause: `explainStartFailure` would attribute it to the public port.
      throw new StartError(`healthPort ${port} on ${host}: ${why}`, { port });
    }
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #answer({ method, url = '', headers }: IncomingMessage, response: ServerResponse): void {
    // Close each connection: a keep-alive connection would delay the shutdown.
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
      const format = metricsFormatFor(headers.accept);
      response.writeHead(200, { 'content-type': metricsContentTypes[format] }).end(this.#setting.metrics(format));
    } else {
      const reasons = this.#setting.reasonsNotReady();
      const ready = reasons.length === 0;
      send(response, ready ? 200 : 503, ready ? { ready } : { ready, reasons });
    }
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
