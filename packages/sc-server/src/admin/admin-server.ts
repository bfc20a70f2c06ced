import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AuthError, InvalidArgumentsError, PayloadTooLargeError, StartError, dehydrateError } from 'sc-protocol';
import type { AdminSetting } from './admin-setting.js';
import { routes } from './routes.js';

const maxConnections = 256;
/** Fits a publication of the size that clients may send, and any list of names. */
const maxBodyBytes = 1024 * 1024;

const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/openapi.json': ['openapi.json', 'application/json'],
};

const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** HTTP status of an error, by its code. */
const statuses: Readonly<Record<string, number>> = {
  SC_AUTH: 401,
  SC_INVALID_ARGUMENTS: 400,
  SC_INVALID_ACTION: 409,
  SC_PAYLOAD_TOO_LARGE: 413,
  SC_RESOURCE_LIMIT: 429,
  SC_STORE_UNAVAILABLE: 503,
  SC_TIMEOUT: 504,
};

/**
 * The HTTP API for operators and back ends. Every request except for the API description carries the token in a header,
 * which another site cannot make a browser send.
 */
export class AdminServer {
  readonly #setting: AdminSetting;
  readonly #server: Server;
  readonly #tokenHash: Buffer;
  /** Ends open tails when the server closes. */
  readonly #ending = new AbortController();

  constructor(setting: AdminSetting) {
    this.#setting = setting;
    this.#tokenHash = hash(setting.token);
    const timeouts = { headersTimeout: 5_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 };
    this.#server = createServer({ ...timeouts, maxHeaderSize: 16_384 }, (request, response) => {
      void this.#answer(request, response);
    });
    this.#server.maxConnections = maxConnections;
  }

  /** Resolves with the port. Rejects with `StartError`. */
  async listen(): Promise<number> {
    const { port, host } = this.#setting;
    try {
      await once(this.#server.listen(port, host), 'listening');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'it is in use already' : (code ?? 'it cannot be listened on');
      throw new StartError(`adminPort ${port} on ${host}: ${why}`, { port });
    }
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#ending.abort();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    try {
      const url = new URL(request.url ?? '/', 'http://admin');
      if (isFromElsewhere(request)) {
        sendError(response, 403, new AuthError('Requests of other sites are refused'));
        return;
      }
      const file = files[url.pathname];
      if (file !== undefined) {
        this.#sendFile(request, response, file);
        return;
      }
      if (!this.#isAllowed(request)) {
        response.setHeader('www-authenticate', 'Bearer');
        throw withRemedy(
          new AuthError('The token is missing or wrong'),
          'Send the option adminToken: `Authorization: Bearer <token>`',
        );
      }
      const route = routes[url.pathname];
      if (route === undefined) {
        const error = new InvalidArgumentsError(`There is no ${url.pathname}`);
        sendError(response, 404, withRemedy(error, 'See /openapi.json'));
        return;
      }
      if (request.method !== route.method) {
        response.setHeader('allow', route.method);
        sendError(response, 405, new InvalidArgumentsError(`${url.pathname} takes ${route.method} only`));
        return;
      }
      const input = route.method === 'GET' ? queryOf(url) : await readBody(request);
      const by = input['by'] ?? `api ${request.socket.remoteAddress ?? ''}`;
      if (typeof by !== 'string') throw new InvalidArgumentsError('`by` must be text');
      const aborted = AbortSignal.any([this.#ending.signal, closeSignal(response)]);
      const result = await route.run({ ...this.#setting, input: { ...input, by }, by, response, aborted });
      if (!response.headersSent) sendJson(response, 200, result ?? {});
    } catch (error) {
      const { code = '' } = Object(error) as { code?: string };
      const status = statuses[code] ?? 500;
      if (status === 500) this.#setting.logger.error('A request to the admin port failed', { error: error as Error });
      if (response.headersSent) response.destroy();
      else sendError(response, status, error);
    }
  }

  #sendFile(request: IncomingMessage, response: ServerResponse, [file, type]: readonly [string, string]): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      sendError(response, 405, new InvalidArgumentsError(`This path takes GET and HEAD, got ${request.method}`));
      return;
    }
    const content = readFileSync(new URL(`./public/${file}`, import.meta.url));
    response.writeHead(200, { 'content-type': type }).end(content);
  }

  /** Compares hashes: they have equal lengths, so the comparison takes constant time for any input. */
  #isAllowed({ headers: { authorization = '' } }: IncomingMessage): boolean {
    const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
    return timingSafeEqual(hash(token ?? ''), this.#tokenHash);
  }
}

/** Detects requests from pages of other sites. Browsers send these headers; programs send neither. */
function isFromElsewhere({ headers: given }: IncomingMessage): boolean {
  const { origin, host } = given;
  const site = given['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}

function queryOf(url: URL): Record<string, unknown> {
  const numbers = new Set(['limit', 'history', 'offset', 'overMs']);
  return Object.fromEntries(
    [...url.searchParams].map(([name, value]) => [name, numbers.has(name) && value !== '' ? Number(value) : value]),
  );
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  // HTML forms of other sites cannot send this content type.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new InvalidArgumentsError('The body must have the type application/json');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) {
      throw new PayloadTooLargeError(`A body must be at most ${maxBodyBytes} bytes`, {
        max: maxBodyBytes,
        actual: bytes,
      });
    }
    chunks.push(chunk);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InvalidArgumentsError('The body must be a JSON object');
}

function closeSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

function withRemedy<Named extends Error>(error: Named, remedy: string): Named {
  return Object.assign(error, { remedy });
}

function sendError(response: ServerResponse, status: number, error: unknown): void {
  // The log has the cause; it must not reach the client.
  const shown = status === 500 ? { name: 'Error', message: 'The request failed; see the log of the cluster' } : error;
  // Close the connection, so that an unread body is not parsed as the next request.
  response.setHeader('connection', 'close');
  sendJson(response, status, { error: dehydrateError(shown) });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
