import { once } from 'node:events';
import { chmodSync, existsSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { SendHandle } from 'node:child_process';
import { readProxyHeader, receiveHandOffs, refuseProxied, type TlsTermination } from 'sc-balancer';
import type { DrainRules, HttpConnections } from '../../server/http-connections.js';
import { socketsAreFiles } from '../host/platform.js';
import { maxConnections } from './file-limit.js';
import type { WorkerDelivery } from './messages.js';

/** Receives the connections of a worker. */
export interface Connections {
  /** Number of open connections. */
  readonly count: number;
  /** Handles a hand-off message of the supervisor, with its connection. */
  handleMessage(message: unknown, handle: SendHandle | undefined): void;
  /** Adds an upgraded connection that moved here from another worker. */
  adopt(socket: Socket): void;
  /** Listens again if the socket file was removed. Open connections are not affected. */
  restoreSocket(): Promise<void>;
  /** Notifies this object that no process sends connections any more. */
  becomeUnreachable(): void;
  /** Settles when no process sends connections any more, or on timeout. */
  untilUnreachable(): Promise<void>;
  /**
   * Stops accepting connections, lets HTTP requests in progress finish, and settles when the last connection has ended.
   */
  drain(rules: DrainRules): Promise<void>;
}

/**
 * How long a stopping worker waits for the supervisor's `unreachable` message, in milliseconds; the supervisor may be
 * gone.
 */
const wordTimeoutMs = 1_000;
const handshakeCheckMs = 20;
/** A balancer that finds the backlog full ejects the worker for a while, so it must be large. */
const backlog = 4_096;
/** File descriptors reserved for links and for the application. */
const otherFiles = 128;

/**
 * Passes connections to the HTTP server: connections handed over by the supervisor, or connections that balancers open
 * on a unix socket.
 */
export async function receiveConnections(
  delivery: WorkerDelivery,
  http: HttpConnections,
  tls: TlsTermination | undefined,
  send: (message: unknown) => void,
): Promise<Connections> {
  return delivery.type === 'hand-off' ? handedOver(http, tls, send) : relayed(delivery.socketPath, http);
}

function handedOver(
  http: HttpConnections,
  tls: TlsTermination | undefined,
  send: (message: unknown) => void,
): Connections {
  const accept = (socket: Socket): void => (tls === undefined ? http.accept(socket) : tls.take(socket));
  const receiver = receiveHandOffs({ send, accept, ...maxConnections({ filesEach: 1, otherFiles }) });
  return {
    get count() {
      return receiver.connections;
    },
    handleMessage: (message, handle) => void receiver.handleMessage(message, handle),
    adopt(socket) {
      receiver.adopt(socket);
      http.adopt(socket);
    },
    restoreSocket: () => Promise.resolve(),
    // Connections handed over from now on are refused and go to another worker.
    becomeUnreachable: () => undefined,
    untilUnreachable: () => Promise.resolve(),
    async drain(rules) {
      receiver.close();
      http.startDraining();
      await untilNone(() => tls?.handshakes ?? 0, rules.lameDuckMs);
      tls?.abandonHandshakes();
      await http.drain(rules);
    },
  };
}

async function relayed(socketPath: string, http: HttpConnections): Promise<Connections> {
  const open = new Set<Socket>();
  /** Connections whose PROXY header has not arrived yet. */
  const unknown = new Set<Socket>();
  const unreachable = new AbortController();
  const { maxConnections: most = Infinity } = maxConnections({ filesEach: 1, otherFiles });
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    if (open.size >= most) {
      refuseProxied(socket);
      return;
    }
    open.add(socket);
    unknown.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      unknown.delete(socket);
    });
    // Handle errors until the HTTP server takes over the connection.
    const onError = () => socket.destroy();
    socket.on('error', onError);
    void readProxyHeader(socket).then(
      () => {
        unknown.delete(socket);
        http.accept(socket);
        socket.off('error', onError);
      },
      () => socket.destroy(),
    );
  });
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: socketPath, backlog }, () => {
        server.off('error', reject);
        if (socketsAreFiles) chmodSync(socketPath, 0o600);
        resolve();
      });
    });
  await listen();
  return {
    get count() {
      return open.size;
    },
    handleMessage: () => undefined,
    adopt(socket) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      http.adopt(socket);
    },
    async restoreSocket() {
      if (!server.listening || !socketsAreFiles || existsSync(socketPath)) return;
      server.close();
      await listen();
    },
    becomeUnreachable: () => unreachable.abort(),
    async untilUnreachable() {
      if (!unreachable.signal.aborted) {
        await Promise.race([once(unreachable.signal, 'abort'), setTimeout(wordTimeoutMs, undefined, { ref: false })]);
      }
      // Connections made before may be pending; they are accepted in this turn of the event loop.
      await setImmediate();
    },
    async drain(rules) {
      server.close();
      http.startDraining();
      await untilNone(() => unknown.size, rules.lameDuckMs);
      for (const socket of unknown) socket.destroy();
      await http.drain(rules);
    },
  };
}

/** Settles when the count is 0, or on timeout. */
async function untilNone(count: () => number, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (count() > 0 && performance.now() < until) await setTimeout(handshakeCheckMs);
}
