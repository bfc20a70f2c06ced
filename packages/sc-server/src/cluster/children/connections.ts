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

/** How connections come into a worker. */
export interface Connections {
  /** Number of open connections. */
  readonly count: number;
  /** A hand-off message of the supervisor, with the connection it is about. */
  handleMessage(message: unknown, handle: SendHandle | undefined): void;
  /** Counts an upgraded connection that came from another worker. */
  adopt(socket: Socket): void;
  /** Listens again when the file of the socket was removed. Connections that are open stay. */
  restoreSocket(): Promise<void>;
  /** Reports that no process sends connections any more. */
  becomeUnreachable(): void;
  /** Settles when no process sends connections any more, or when the supervisor has not reported it in time. */
  untilUnreachable(): Promise<void>;
  /** Takes no more, lets HTTP requests under way finish, and settles when the last connection has ended. */
  drain(rules: DrainRules): Promise<void>;
}

/** How long a worker that ends waits for word from the supervisor, which may have gone. */
const wordTimeoutMs = 1_000;
const handshakeCheckMs = 20;
/** Balancers that find this full take the worker for dead for a while. */
const backlog = 4_096;
/** Files that a worker keeps for its links and for the application. */
const otherFiles = 128;

/** Feeds the HTTP server: with connections handed over, or with those that balancers open on a unix socket. */
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
    // Connections handed over now are refused and go to another worker.
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
  /** Their PROXY header has not come yet. */
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
    // Until the HTTP server has the connection, its errors have no other listener.
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
      // Connections sent before may be waiting to be accepted, which happens in this turn of the event loop.
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

/** Settles when there are none, or the time is over. */
async function untilNone(count: () => number, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (count() > 0 && performance.now() < until) await setTimeout(handshakeCheckMs);
}
