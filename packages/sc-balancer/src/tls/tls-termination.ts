import type { Socket } from 'node:net';
import type { SecureContextOptions, Server, TlsOptions } from 'node:tls';
import { StartError } from 'sc-protocol';
import { ServerNames } from './server-names.js';
import { TicketKeys } from './ticket-keys.js';
import { handshakeTimeoutMs, withTlsDefaults } from './tls-defaults.js';

/** What `tls.createServer` takes, and other certificates by the server name that clients ask for. */
export interface TerminationOptions extends TlsOptions {
  /** Certificates by server name; a name may begin with `*.`. */
  serverNames?: Readonly<Record<string, SecureContextOptions>>;
}

/** What can be replaced while a server serves. */
export type CertificateOptions = SecureContextOptions & Pick<TerminationOptions, 'serverNames'>;

/**
 * A TLS or HTTPS server, made by `create`, whose certificates and session ticket keys can be replaced while it serves.
 * Nothing that is open notices.
 */
export class TlsTermination<Kind extends Server = Server> {
  readonly server: Kind;
  readonly #ticketKeys: TicketKeys;
  readonly #serverNames = new ServerNames();
  #options: TlsOptions;

  /** Throws a StartError when a key or certificate cannot be used. */
  constructor(given: TerminationOptions, create: (options: TlsOptions) => Kind) {
    const { serverNames = {}, ...rest } = given;
    this.#options = withTlsDefaults(rest);
    this.server = usable(() => {
      this.#serverNames.prepare(serverNames, withoutCredentials(this.#options))();
      return create({ ...this.#options, SNICallback: this.#serverNames.callback(rest.SNICallback) });
    });
    this.#ticketKeys = new TicketKeys(this.server, this.#options.handshakeTimeout ?? handshakeTimeoutMs);
  }

  /** Begins the handshake on a connection of which no byte has been read. */
  take(connection: Socket): void {
    this.#ticketKeys.take(connection);
  }

  /**
   * Uses another certificate for new handshakes; what is open stays, and sessions can still be resumed. Names stay
   * unless there are others. Throws a StartError when they cannot be used; the old ones then stay.
   */
  replace({ serverNames, ...options }: CertificateOptions): void {
    const common = withoutCredentials(this.#options);
    const merged = { ...common, ...options };
    usable(() => {
      const setNames = serverNames && this.#serverNames.prepare(serverNames, common);
      this.server.setSecureContext(merged);
      setNames?.();
    });
    this.#options = merged;
    this.#ticketKeys.restore();
  }

  /** Uses another certificate for clients that ask for this server name, which may begin with `*.`. */
  addServerName(name: string, options: SecureContextOptions): void {
    usable(() => this.#serverNames.add(name, options, withoutCredentials(this.#options)));
  }

  /** The keys that session tickets are sealed with, 48 bytes each: the first seals, the others still open. */
  setTicketKeys(keys: Buffer | readonly Buffer[]): void {
    this.#ticketKeys.set(Buffer.isBuffer(keys) ? [keys] : keys);
  }
}

/** What belongs to the old certificate must not stay beside the new one. */
function withoutCredentials(options: TlsOptions): TlsOptions {
  const rest = { ...options };
  for (const name of ['key', 'cert', 'pfx', 'passphrase', 'SNICallback', 'ticketKeys'] as const) delete rest[name];
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
