import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';

export interface AcceptorOptions {
  readonly tls: TlsOptions | undefined;
  readonly loginTimeoutMs: number;
  /** Whether another connection may be accepted for login. */
  readonly hasRoom: () => boolean;
  /** Connection accepted (after TLS, if enabled), not authenticated yet. */
  readonly onSocket: (socket: Socket) => void;
  /** Connection refused because of this limit. */
  readonly onRefusal: (limit: 'pendingLogins' | 'tlsHandshakes') => void;
}

/** Idle milliseconds before the first TCP keep-alive probe; the OS closes a dead connection ten seconds later. */
const keepAliveInitialDelay = 10_000;

/** Accepts connections and tracks them until they are closed. */
export class Acceptor {
  readonly server: Server;
  readonly #options: AcceptorOptions;
  readonly #connections = new Set<Socket>();
  readonly #sockets = new Set<Socket>();
  /**
   * Connections in the TLS handshake, by remote address, because a TLS socket does not expose its underlying
   * connection.
   */
  readonly #encrypting = new Map<string, Socket>();

  constructor(options: AcceptorOptions) {
    this.#options = options;
    const { tls, loginTimeoutMs } = options;
    // Node enables keep-alive only with an explicit delay. Without it, a client on a dead machine would stay a member.
    const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay };
    if (tls === undefined) {
      this.server = createServer(tcp, (socket) => {
        if (this.#admit(socket)) this.#greet(socket);
      });
    } else {
      this.server = createTlsServer({ ...tcp, ...tls, handshakeTimeout: loginTimeoutMs }, (socket) => {
        this.#greet(socket);
      });
      this.server.on('connection', (socket) => {
        if (!this.#admit(socket)) return;
        const address = addressOf(socket);
        this.#encrypting.set(address, socket);
        socket.on('close', () => {
          if (this.#encrypting.get(address) === socket) this.#encrypting.delete(address);
        });
      });
      this.server.on('tlsClientError', () => options.onRefusal('tlsHandshakes'));
    }
  }

  /** Number of connections, including those in the TLS handshake. */
  get size(): number {
    return this.#connections.size;
  }

  /** Closes all connections after flushing their output, at the latest after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    for (const socket of this.#encrypting.values()) socket.destroy();
    for (const socket of this.#sockets) socket.destroySoon();
    const timer = setTimeout(() => {
      for (const socket of [...this.#sockets, ...this.#connections]) socket.destroy();
    }, graceMs);
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    clearTimeout(timer);
  }

  #admit(connection: Socket): boolean {
    if (!this.#options.hasRoom()) {
      this.#options.onRefusal('pendingLogins');
      connection.destroy();
      return false;
    }
    this.#connections.add(connection);
    connection.on('close', () => this.#connections.delete(connection));
    return true;
  }

  #greet(socket: Socket): void {
    this.#encrypting.delete(addressOf(socket));
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // 'close' follows and is handled above.
    socket.on('error', () => undefined);
    this.#options.onSocket(socket);
  }
}

function addressOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}
