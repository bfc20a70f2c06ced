import type { Socket } from 'node:net';
import { createSecureContext, createServer } from 'node:tls';
import type { SecureContextOptions, Server, TLSSocket, TlsOptions } from 'node:tls';
import { StartError } from 'sc-protocol';
import { withTlsDefaults } from './tls-defaults.js';

/** Ends TLS on connections that are given to it. */
export class TlsTermination {
  #options: TlsOptions;
  readonly #server: Server;
  /** Connections in their handshake or after it, by their peer: Node does not tell which one became which. */
  readonly #raw = new Map<string, Socket>();

  /** Throws a StartError when the key or certificate cannot be used. */
  constructor(
    options: TlsOptions,
    onSecure: (client: TLSSocket, raw: Socket | undefined) => void,
    onProblem: (error: Error) => void,
  ) {
    this.#options = withTlsDefaults(options);
    this.#server = usable(() => createServer(this.#options));
    this.#server.on('secureConnection', (client) => onSecure(client, this.#raw.get(peerOf(client))));
    this.#server.on('tlsClientError', (error: Error, client: TLSSocket) => {
      onProblem(error);
      client.destroy();
    });
  }

  /** Begins the handshake on a connection. */
  take(connection: Socket): void {
    const peer = peerOf(connection);
    this.#raw.set(peer, connection);
    connection.once('close', () => this.#raw.delete(peer));
    this.#server.emit('connection', connection);
  }

  /** Uses another certificate for new handshakes; what is open stays, and sessions can still be resumed. */
  replace(options: SecureContextOptions): void {
    const merged = { ...withoutCredentials(this.#options), ...options };
    const ticketKeys = this.#server.getTicketKeys();
    usable(() => this.#server.setSecureContext(merged));
    if (!('ticketKeys' in options)) this.#server.setTicketKeys(ticketKeys);
    this.#options = merged;
  }

  /** Uses another certificate for clients that ask for this server name, which may begin with `*.`. */
  addServerName(name: string, options: SecureContextOptions): void {
    const merged = { ...withoutCredentials(this.#options), ...options };
    this.#server.addContext(
      name,
      usable(() => createSecureContext(merged)),
    );
  }

  /** The keys that session tickets are sealed with: 48 bytes. New ones make older tickets useless. */
  setTicketKeys(keys: Buffer): void {
    this.#server.setTicketKeys(keys);
  }
}

function peerOf(connection: Socket): string {
  return `${connection.remoteAddress ?? ''} ${connection.remotePort ?? ''} ${connection.localPort ?? ''}`;
}

/** What belongs to the old certificate must not stay beside the new one. */
function withoutCredentials(options: TlsOptions): TlsOptions {
  const rest = { ...options };
  for (const name of ['key', 'cert', 'pfx', 'passphrase'] as const) delete rest[name];
  return rest;
}

function usable<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`The TLS key or certificate cannot be used: ${reason}`, {}, { cause });
  }
}
