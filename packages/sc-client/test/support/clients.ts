import { afterEach } from '@jest/globals';
import { type ClientOptions, type SCClientSocket, type SocketEvents, connect } from '../../src/node/index.js';
import { type RawPeer, type RawServer, startRawServer } from './raw-server.js';

/** How long to wait for what must come; long, for machines with much else to do. */
const deadlineMs = 15_000;

/** Servers and sockets of one test file; each test's are closed after it. */
export function clients(): {
  server(): Promise<RawServer>;
  connect(server: { readonly port: number }, options?: ClientOptions): SCClientSocket;
  /** A socket with its peer, both open. */
  pair(options?: ClientOptions, status?: Record<string, unknown>): Promise<Pair>;
} {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  const start = async (): Promise<RawServer> => {
    const server = await startRawServer();
    closing.push(() => server.close());
    return server;
  };
  const open = (server: { readonly port: number }, options: ClientOptions = {}): SCClientSocket => {
    const socket = connect({ hostname: '127.0.0.1', port: server.port, ...options });
    closing.push(() => socket.destroy());
    return socket;
  };
  return {
    server: start,
    connect: open,
    async pair(options, status) {
      const server = await start();
      const socket = open(server, options);
      const connected = heard(socket, 'connect');
      const peer = await server.nextOpen(status);
      await connected;
      return { server, socket, peer };
    },
  };
}

export interface Pair {
  readonly server: RawServer;
  readonly socket: SCClientSocket;
  readonly peer: RawPeer;
}

/** The arguments of the next event of that name. */
export function heard<Name extends keyof SocketEvents>(
  socket: SCClientSocket,
  event: Name,
): Promise<SocketEvents[Name]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Waited for the event ${event}`)), deadlineMs);
    const listener = (...args: unknown[]): void => {
      clearTimeout(timer);
      resolve(args as SocketEvents[Name]);
    };
    socket.once<string>(event, listener);
  });
}

/** Waits until the condition holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Waited until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Reconnects almost at once, for tests that are not about the wait. */
export const atOnce = { autoReconnectOptions: { initialDelay: 5, randomness: 0 } };
