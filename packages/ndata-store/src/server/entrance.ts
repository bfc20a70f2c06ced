import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';

export interface EntranceOptions {
  readonly tls: TlsOptions | undefined;
  readonly loginTimeoutMs: number;
  /** Whether one more may come in and log in. */
  readonly hasRoom: () => boolean;
  /** Somebody is here, encrypted if that is wanted, and not logged in. */
  readonly onSocket: (socket: Socket) => void;
  /** Somebody was turned away, or did not manage to encrypt. */
  readonly onRefusal: () => void;
}

/** Takes connections, and knows all of them until they are closed. */
export class Entrance {
  readonly server: Server;
  readonly #options: EntranceOptions;
  readonly #connections = new Set<Socket>();
  readonly #sockets = new Set<Socket>();

  constructor(options: EntranceOptions) {
    this.#options = options;
    const { tls, loginTimeoutMs } = options;
    const tcp = { noDelay: true, keepAlive: true };
    if (tls === undefined) {
      this.server = createServer(tcp, (socket) => {
        if (this.#admit(socket)) this.#greet(socket);
      });
    } else {
      this.server = createTlsServer({ ...tcp, ...tls, handshakeTimeout: loginTimeoutMs }, (socket) => {
        this.#greet(socket);
      });
      this.server.on('connection', (socket) => void this.#admit(socket)).on('tlsClientError', options.onRefusal);
    }
  }

  /** Connections, those that are still being encrypted among them. */
  get size(): number {
    return this.#connections.size;
  }

  /** Ends all connections once they have taken what waits for them, but none later than after the grace. */
  async close(graceMs: number): Promise<void> {
    for (const socket of this.#sockets) socket.destroySoon();
    const timer = setTimeout(() => {
      for (const socket of [...this.#sockets, ...this.#connections]) socket.destroy();
    }, graceMs);
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    clearTimeout(timer);
  }

  #admit(connection: Socket): boolean {
    if (!this.#options.hasRoom()) {
      this.#options.onRefusal();
      connection.destroy();
      return false;
    }
    this.#connections.add(connection);
    connection.on('close', () => this.#connections.delete(connection));
    return true;
  }

  #greet(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // What it tells, 'close' brings too.
    socket.on('error', () => undefined);
    this.#options.onSocket(socket);
  }
}
