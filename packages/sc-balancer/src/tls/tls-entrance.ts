import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { TlsTermination } from './tls-termination.js';
import type { TerminationOptions } from './tls-termination.js';

/** Ends TLS on connections that are given to it and tells which of them became secure. */
export class TlsEntrance {
  readonly termination: TlsTermination;
  /** Connections in their handshake or after it, by their peer: Node does not tell which one became which. */
  readonly #raw = new Map<string, Socket>();

  /** Throws a StartError when the key or certificate cannot be used. */
  constructor(
    options: TerminationOptions,
    onSecure: (client: TLSSocket, raw: Socket | undefined) => void,
    onProblem: (error: Error) => void,
  ) {
    this.termination = new TlsTermination(options, createServer);
    const { server } = this.termination;
    server.on('secureConnection', (client) => onSecure(client, this.#raw.get(peerOf(client))));
    server.on('tlsClientError', (error: Error, client: TLSSocket) => {
      onProblem(error);
      client.destroy();
    });
  }

  /** Begins the handshake on a connection. */
  take(connection: Socket): void {
    const peer = peerOf(connection);
    this.#raw.set(peer, connection);
    connection.once('close', () => this.#raw.delete(peer));
    this.termination.take(connection);
  }
}

function peerOf(connection: Socket): string {
  return `${connection.remoteAddress ?? ''} ${connection.remotePort ?? ''} ${connection.localPort ?? ''}`;
}
