import { chmodSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import type { SendHandle } from 'node:child_process';
import { readProxyHeader, receiveHandOffs } from 'sc-balancer';
import type { WorkerDelivery } from '../messages.js';

/** How connections come into a worker. */
export interface Connections {
  /** A hand-off message of the supervisor, with the connection it is about. */
  handleMessage(message: unknown, handle: SendHandle | undefined): void;
  /** Takes no more. */
  close(): Promise<void>;
}

/** Feeds the HTTP server: with connections handed over, or with those that balancers open on a unix socket. */
export async function receiveConnections(
  delivery: WorkerDelivery,
  httpServer: HttpServer,
  send: (message: unknown) => void,
): Promise<Connections> {
  const accept = (socket: Socket) => void httpServer.emit('connection', socket);
  if (delivery.type === 'hand-off') {
    const receiver = receiveHandOffs({ send, accept });
    return {
      handleMessage: (message, handle) => void receiver.handleMessage(message, handle),
      close() {
        receiver.close();
        return Promise.resolve();
      },
    };
  }
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    void readProxyHeader(socket).then(
      () => accept(socket),
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(delivery.socketPath, () => {
      if (process.platform !== 'win32') chmodSync(delivery.socketPath, 0o600);
      resolve();
    });
  });
  return {
    handleMessage: () => undefined,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
