import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { SecureContextOptions, Server, TlsOptions, TLSSocket } from 'node:tls';
import { StartError } from 'sc-protocol';
import { mergeTlsOptions, withoutCredentials } from './merge-options.js';
import { ServerNames } from './server-names.js';
import { TicketKeys } from './ticket-keys.js';
import { handshakeTimeoutMs, withTlsDefaults } from './tls-defaults.js';

/** Options of `tls.createServer`, and additional certificates by server name (SNI). */
export interface TerminationOptions extends TlsOptions {
  /** Certificates by server name; a name may begin with `*.`. */
  serverNames?: Readonly<Record<string, SecureContextOptions>>;
}

/** Callbacks of a TLS termination. */
export interface TerminationEvents {
  /** Called when the handshake on `connection` is complete. */
  readonly onSecure: (client: TLSSocket, connection: Socket) => void;
  /** Called when a handshake failed. The client's connection is destroyed afterwards. */
  readonly onError: (error: Error, client: TLSSocket) => void;
}

/**
 * Terminates TLS on connections passed to it. Every change of the options creates a new TLS server for later
 * connections, so options set later have exactly the same meaning as initial ones. Open connections are not affected.
 */
export class TlsTermination {
  readonly #events: TerminationEvents;
  /** Connections in their handshake. */
  readonly #handshakes = new Set<Socket>();
  readonly #addedNames: Record<string, SecureContextOptions> = {};
  #options: TerminationOptions;
  #server: Server;
  #ticketKeys: TicketKeys;

  /** Throws StartError if a key or certificate cannot be used. */
  constructor(options: TerminationOptions, events: TerminationEvents) {
    this.#events = events;
    this.#options = options;
    this.#server = this.#createServer(options);
    this.#ticketKeys = new TicketKeys(this.#server, handshakeTimeoutOf(options));
  }

  /** Number of connections in their handshake. */
  get handshakes(): number {
    return this.#handshakes.size;
  }

  /** Begins the handshake on a connection from which no bytes have been read. */
  take(connection: Socket): void {
    // A client that disconnects is reported as a failed handshake, or not at all.
    connection.on('error', () => undefined);
    this.#handshakes.add(connection);
    connection.once('close', () => this.#handshakes.delete(connection));
    this.#ticketKeys.take(connection);
  }

  /** Destroys the connections that are in their handshake. */
  abandonHandshakes(): void {
    for (const connection of this.#handshakes) connection.destroy();
  }

  /**
   * Replaces all options for new handshakes. Throws StartError if they cannot be used; the old ones then stay in
   * effect.
   */
  set(options: TerminationOptions): void {
    const server = this.#createServer(options);
    const { ticketKeys } = options;
    const keys = ticketKeys === undefined ? this.#ticketKeys.keys : [ticketKeys];
    this.#options = options;
    this.#server = server;
    this.#ticketKeys = new TicketKeys(server, handshakeTimeoutOf(options), keys);
  }

  /** Changes the given options only, as `mergeTlsOptions` does. */
  replace(options: TerminationOptions): void {
    this.set(mergeTlsOptions(this.#options, options));
  }

  /**
   * Adds a certificate for clients that request this server name, which may begin with `*.`. Later changes of the
   * options keep it.
   */
  addServerName(name: string, options: SecureContextOptions): void {
    const before = { ...this.#addedNames };
    this.#addedNames[name] = options;
    try {
      this.set({ ...this.#options, ticketKeys: undefined });
    } catch (error) {
      delete this.#addedNames[name];
      Object.assign(this.#addedNames, before);
      throw error;
    }
  }

  /**
   * Sets the keys that encrypt session tickets, 48 bytes each. The first key encrypts; the remaining ones only decrypt.
   */
  setTicketKeys(keys: Buffer | readonly Buffer[]): void {
    this.#ticketKeys.set(Buffer.isBuffer(keys) ? [keys] : keys);
  }

  #createServer({ serverNames, ...given }: TerminationOptions): Server {
    const options = withTlsDefaults(given);
    const server = usable(() => {
      const names = new ServerNames({ ...serverNames, ...this.#addedNames }, withoutCredentials(options));
      return createServer({ ...options, SNICallback: names.callback(given.SNICallback) });
    });
    server.on('secureConnection', (client) => this.#onSecure(client));
    server.on('tlsClientError', (error: Error, client: TLSSocket) => {
      this.#events.onError(error, client);
      client.destroy();
    });
    return server;
  }

  #onSecure(client: TLSSocket): void {
    // Node does not report which connection became secure. `_parent` is the connection that a TLSSocket wraps; `net`
    // itself uses it for timeouts. Addresses are not sufficient: two connections can have the same ones.
    const connection = (client as { _parent?: Socket })._parent;
    if (connection === undefined || !this.#handshakes.delete(connection)) {
      client.destroy();
      return;
    }
    this.#events.onSecure(client, connection);
  }
}

function handshakeTimeoutOf({ handshakeTimeout = handshakeTimeoutMs }: TlsOptions): number {
  return handshakeTimeout;
}

function usable<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`The TLS key or certificate cannot be used: ${reason}`, {}, { cause });
  }
}
