import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { SendHandle } from 'node:child_process';
import { readProxyHeader, receiveHandOffs, type TlsTermination } from 'sc-balancer';
import type { WorkerDelivery } from './messages.js';
import { socketsAreFiles } from '../host/platform.js';

/** How connections come into a worker. */
export interface Connections {
  /** Those that are open. */
  readonly count: number;
  /** A hand-off message of the supervisor, with the connection it is about. */
  handleMessage(message: unknown, handle: SendHandle | undefined): void;
  /** The supervisor says that nobody sends connections any more. */
  becomeUnreachable(): void;
  /** Settles when nobody does, or when the supervisor has not said so in time. */
  untilUnreachable(): Promise<void>;
  /** Takes no more, lets HTTP requests under way finish, and settles when the last connection has ended. */
  drain(): Promise<void>;
}

const drainCheckMs = 50;
/** How long a worker that ends waits for word from the supervisor, which may have gone. */
const patienceMs = 1_000;
const patience = () => setTimeout(patienceMs, undefined, { ref: false });
/** Balancers that find this full take the worker for dead for a while. */
const backlog = 4_096;

/** Feeds the HTTP server: with connections handed over, or with those that balancers open on a unix socket. */
export async function receiveConnections(
  delivery: WorkerDelivery,
  httpServer: HttpServer,
  tls: TlsTermination | undefined,
  send: (message: unknown) => void,
): Promise<Connections> {
  const accept = (socket: Socket) => void httpServer.emit('connection', socket);
  if (delivery.type === 'hand-off') {
    const receiver = receiveHandOffs({ send, accept: tls === undefined ? accept : (socket) => tls.take(socket) });
    return {
      get count() {
        return receiver.connections;
      },
      handleMessage: (message, handle) => void receiver.handleMessage(message, handle),
      // What is handed over now is refused, and goes to another worker.
      becomeUnreachable: () => undefined,
      untilUnreachable: () => Promise.resolve(),
      drain() {
        receiver.close();
        return drainHttp(httpServer, () => receiver.connections);
      },
    };
  }
  const open = new Set<Socket>();
  const unreachable = new AbortController();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // Before the HTTP server has it, nobody else would hear an error.
    const onError = () => socket.destroy();
    socket.on('error', onError);
    void readProxyHeader(socket).then(
      () => {
        accept(socket);
        socket.off('error', onError);
      },
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: delivery.socketPath, backlog }, () => {
      if (socketsAreFiles) chmodSync(delivery.socketPath, 0o600);
      resolve();
    });
  });
  return {
    get count() {
      return open.size;
    },
    handleMessage: () => undefined,
    becomeUnreachable: () => unreachable.abort(),
    async untilUnreachable() {
      if (!unreachable.signal.aborted) await Promise.race([once(unreachable.signal, 'abort'), patience()]);
      // What was sent before may wait to be accepted: that happens in this turn of the event loop.
      await setImmediate();
    },
    drain() {
      server.close();
      return drainHttp(httpServer, () => open.size);
    },
  };
}

/** Closes connections as they become idle, until none is left. */
function drainHttp(httpServer: HttpServer, count: () => number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(check, drainCheckMs);
    function check(): void {
      httpServer.closeIdleConnections();
      if (count() > 0) return;
      clearInterval(timer);
      resolve();
    }
    check();
  });
}
