import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCleanup, rawSocket, type Cleanup, type RawSocket, type RawSocketOptions } from 'sc-testkit';
import { SCServer } from '../../src/server/sc-server.js';
import type { SCServerOptions } from '../../src/server/options.js';
import type { SCSocket } from '../../src/socket/sc-socket.js';

export const authKey = 'a key of thirty-two bytes or more';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface TestServer {
  readonly scServer: SCServer;
  readonly httpServer: HttpServer;
  readonly port: number;
  readonly url: string;
  readonly log: LogLine[];
  /** The entries about each step of each client, which are not in `log`. */
  readonly clientLog: LogLine[];
  /** Opens a WebSocket, without a handshake. */
  readonly open: (options?: RawSocketOptions, query?: string) => Promise<RawSocket>;
  /** Opens a WebSocket and does the handshake; the server's socket comes with it. */
  readonly connect: (options?: RawSocketOptions & { readonly authToken?: string }) => Promise<Client>;
}

export interface Client {
  readonly raw: RawSocket;
  readonly socket: SCSocket;
}

/** A busy test machine is no overload. */
const notShedding = { maxEventLoopLag: 0 };

/** Serves on a free port in this process; closed with the cleanup. */
export async function startServer(cleanup: Cleanup, options: SCServerOptions = {}): Promise<TestServer> {
  const log: LogLine[] = [];
  const clientLog: LogLine[] = [];
  const keep =
    (level: string) =>
    (message: string, details: object = {}) => {
      const isOfClient = level === 'debug' && message.startsWith('Client ');
      (isOfClient ? clientLog : log).push({ level, message, details: details as Record<string, unknown> });
    };
  const logger = { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: keep('debug') };
  const httpServer = createServer((_request, response) => response.writeHead(404).end());
  const scServer = cleanup.add(SCServer.attach(httpServer, { authKey, logger, ...notShedding, ...options }), (one) =>
    one.close(),
  );
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
  const { port } = httpServer.address() as AddressInfo;
  const url = `ws://127.0.0.1:${port}/socketcluster/`;
  const open = async (socketOptions?: RawSocketOptions, query = '') =>
    cleanup.add(await rawSocket(`${url}${query}`, socketOptions), (one) => one.terminate());
  return {
    scServer,
    httpServer,
    port,
    url,
    log,
    clientLog,
    open,
    async connect({ authToken, ...socketOptions } = {}) {
      const raw = await open(socketOptions);
      const { id } = await raw.handshake(authToken);
      const socket = scServer.clients[id];
      if (socket === undefined) throw new Error(`The server has no client ${id}`);
      return { raw, socket };
    },
  };
}

/** Runs a test with a cleanup that closes everything afterwards. */
export function withCleanup(test: (cleanup: Cleanup) => Promise<void>): () => Promise<void> {
  return async () => {
    const cleanup = createCleanup();
    try {
      await test(cleanup);
    } finally {
      await cleanup.run();
    }
  };
}

/** Runs a test with a server, which is closed afterwards. */
export function withServer(
  test: (server: TestServer) => Promise<void>,
  options?: SCServerOptions,
): () => Promise<void> {
  return withCleanup(async (cleanup) => test(await startServer(cleanup, options)));
}

/** Publications that a raw socket has received, in order. */
export function publications(raw: RawSocket): { channel: string; data?: unknown }[] {
  return raw.frames
    .filter(({ event }) => event === '#publish')
    .map(({ data }) => data as { channel: string; data?: unknown });
}

/** Settles when everything the server has said so far has come. */
export async function settled(raw: RawSocket): Promise<void> {
  await raw.call('#unsubscribe', 'nothing');
}

/** A middleware that never decides; its parameters say which form it has. */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- see above
export function undecided(_request: unknown, _next: unknown): void {
  // Closed already.
}
