import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import { InvalidActionError, MiddlewareBlockedError, ResourceLimitError, StartError } from 'sc-protocol';
import { createAdmission } from '../admission/admission.js';
import type { Admission } from '../admission/admission.js';
import { endpointsOf, tlsInfoOf } from '../admission/connection-info.js';
import { connectionContext, runMiddleware } from '../admission/connection-middleware.js';
import type { ConnectionMiddleware } from '../admission/connection-middleware.js';
import { takeProxyHeader } from '../proxy-header/header-reader.js';
import { listenProblem } from './listen-problem.js';
import type { ProxyInfo } from '../proxy-header/proxy-header.js';
import { resolveProxyOptions } from './options.js';
import type { ProxyOptions, ProxySettings, ProxyTarget } from './options.js';
import { chunkBytes } from './reach-target.js';
import { relay } from './relay.js';
import { TargetFinder } from './target-finder.js';
import { TlsTermination } from '../tls/tls-termination.js';
import type { TerminationOptions } from '../tls/tls-termination.js';
import { createPeerList } from '../admission/trusted-peers.js';
import { Turn } from '../turn.js';

/** Current state of a balancer. */
export interface ProxyStatus {
  /** The targets and their open connections. Ejected targets are skipped for `ejectMs` after a failure. */
  readonly targets: readonly { readonly id: string; readonly connections: number; readonly isEjected: boolean }[];
  /** Open connections, including connections in a TLS handshake and connections without a target. */
  readonly connections: number;
  /** Connections accepted since the start, without connections that were closed at once. */
  readonly accepted: number;
  /** Connections that currently have no target because all targets failed. */
  readonly waiting: number;
  /** Connections closed since the start because no target accepted them or a limit was reached. */
  readonly dropped: number;
}

/** How long `close` waits for destroyed connections to close. */
const closeTimeoutMs = 1_000;

/**
 * Accepts connections, terminates TLS if configured, and relays the bytes of each connection, without parsing them, to
 * the target with the fewest connections.
 */
export class ProxyBalancer {
  readonly #settings: ProxySettings;
  readonly #finder: TargetFinder;
  readonly #tls: TlsTermination | undefined;
  readonly #admission: Admission;
  readonly #sendsHeader: (address: string | undefined) => boolean;
  readonly #middleware: ConnectionMiddleware[] = [];
  readonly #listeners = new Set<Server>();
  /** Every open connection with its client's addresses. */
  readonly #connections = new Map<Socket, ProxyInfo>();
  /** Connections that have a target, each with a function that ends the relay after the target is removed. */
  readonly #relays = new Map<Socket, () => void>();
  readonly #turn = new Turn();
  readonly #idleWaits = new Set<() => void>();
  #accepted = 0;
  #dropped = 0;
  #isClosed = false;

  /** Throws InvalidOptionsError, or StartError if the TLS key or certificate cannot be used. */
  constructor(options: ProxyOptions = {}) {
    const settings = resolveProxyOptions(options);
    const { maxConnectionsPerAddress: maxPerAddress, connectsPerSecondPerAddress: perSecond, now } = settings;
    this.#settings = settings;
    this.#finder = new TargetFinder(settings);
    this.#admission = createAdmission({ maxPerAddress, perSecond, now });
    this.#sendsHeader = createPeerList(settings.trustedPeers, 'trustedPeers');
    if (settings.tls !== undefined) {
      const onSecure = (client: TLSSocket, connection: Socket): void =>
        void this.#deliver(connection, client, { ...this.#infoOf(connection), tls: tlsInfoOf(client) });
      this.#tls = new TlsTermination(settings.tls, { onSecure, onError: settings.onWarning });
    }
  }

  /** Listens on a port. Rejects with StartError, for example if the port is in use. */
  listen(port: number, host?: string): Promise<AddressInfo> {
    if (this.#isClosed) return Promise.reject(new InvalidActionError('The balancer is closed'));
    const server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: chunkBytes }, (connection) =>
      this.accept(connection),
    );
    this.#listeners.add(server);
    return new Promise((resolve, reject) => {
      const onError = (cause: Error): void => {
        this.#listeners.delete(server);
        reject(new StartError(listenProblem(port, cause), { port }, { cause }));
      };
      server.once('error', onError);
      server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
        server.off('error', onError);
        server.on('error', this.#settings.onWarning);
        resolve(server.address() as AddressInfo);
      });
    });
  }

  /** Accepts a connection from which no bytes have been read, for example one handed to this process. */
  accept(connection: Socket): void {
    // Ignore: a client may disconnect at any time, and the listener of `close` cleans up.
    connection.on('error', () => undefined);
    const { maxConnections, onWarning } = this.#settings;
    if (this.#isClosed || this.#connections.size >= maxConnections) {
      const problem = `The maximum number of connections (\`maxConnections\`, ${maxConnections}) is reached`;
      if (!this.#isClosed) onWarning(new ResourceLimitError(problem, { limit: 'maxConnections' }));
      this.#drop(connection);
      return;
    }
    connection.allowHalfOpen = true;
    this.#accepted++;
    this.#connections.set(connection, endpointsOf(connection));
    connection.once('close', () => {
      this.#connections.delete(connection);
      this.#relays.delete(connection);
      if (this.#connections.size === 0) for (const settle of this.#idleWaits) settle();
    });
    this.#admit(connection).then(
      (info) => {
        if (this.#tls === undefined) return this.#deliver(connection, connection, info);
        if (!connection.destroyed) this.#tls.take(connection);
        return undefined;
      },
      (error: unknown) => {
        this.#settings.onWarning(error as Error);
        this.#drop(connection);
      },
    );
  }

  /**
   * Adds a function that admits or refuses each new connection. Functions run in the order in which they were added.
   */
  addMiddleware(middleware: ConnectionMiddleware): void {
    this.#middleware.push(middleware);
  }

  /** Adds a target for new connections. */
  addTarget(target: ProxyTarget): void {
    this.#finder.add(target);
  }

  /** Stops sending connections to a target. Its open connections continue. Returns false if there is no such target. */
  removeTarget(id: string): boolean {
    return this.#finder.remove(id);
  }

  /** Counts the open connections of one target for another one, to which they are moving without this balancer. */
  countMoved(from: string, to: string): void {
    this.#finder.succeed(from, to);
  }

  /** Adds the listed targets that are missing and removes all targets that are not listed. */
  setTargets(targets: readonly ProxyTarget[]): void {
    this.#finder.set(targets);
  }

  /**
   * Changes TLS options for new handshakes, for example the key and certificate; options that are not given keep their
   * values. Open connections are not affected, and sessions can still be resumed. Throws StartError if the options
   * cannot be used; the old ones then stay in effect.
   */
  setSecureContext(options: TerminationOptions): void {
    this.#requireTls().replace(options);
  }

  /** Replaces all TLS options for new handshakes. Throws StartError if they cannot be used. */
  setTlsOptions(options: TerminationOptions): void {
    this.#requireTls().set(options);
  }

  /** Adds a certificate for clients that request this server name, for example `*.example.com`. */
  addServerName(name: string, options: SecureContextOptions): void {
    this.#requireTls().addServerName(name, options);
  }

  /**
   * Sets the keys that encrypt TLS session tickets, 48 bytes each. The first key encrypts new tickets; the remaining
   * ones only decrypt existing tickets. With the same keys in every balancer a session can be resumed at any of them.
   */
  setTicketKeys(keys: Buffer | readonly Buffer[]): void {
    this.#requireTls().setTicketKeys(keys);
  }

  /** The current state. */
  status(): ProxyStatus {
    const now = this.#settings.now();
    return {
      targets: this.#finder.entries.map(({ id, connections, ejectedUntil }) => ({
        id,
        connections,
        isEjected: ejectedUntil > now,
      })),
      connections: this.#connections.size,
      accepted: this.#accepted,
      waiting: this.#finder.waiting,
      dropped: this.#dropped,
    };
  }

  /** Stops accepting connections, waits until all connections have ended or the deadline has passed, and closes. */
  async drain(deadlineMs: number): Promise<void> {
    this.#stopAccepting();
    await this.#whenIdle(deadlineMs);
    await this.close();
  }

  /**
   * Shuts down after all targets: stops accepting connections, closes connections without a target, and closes each of
   * the remaining ones when the client has received its target's output, or at the deadline. Settles when all are
   * closed.
   */
  async finish(deadlineMs: number): Promise<void> {
    this.#stopAccepting();
    this.#finder.close();
    for (const connection of this.#connections.keys()) {
      const end = this.#relays.get(connection);
      if (end === undefined) connection.destroy();
      else end();
    }
    await this.#whenIdle(deadlineMs);
    await this.close();
  }

  /** Closes all listeners and connections. Idempotent. */
  async close(): Promise<void> {
    this.#stopAccepting();
    for (const connection of this.#connections.keys()) connection.destroy();
    this.#finder.close();
    await this.#whenIdle(closeTimeoutMs);
  }

  /** Determines the client's address and admits the connection. Rejects if it is refused. */
  async #admit(connection: Socket): Promise<ProxyInfo> {
    const { headerTimeoutMs: timeoutMs, middlewareTimeoutMs } = this.#settings;
    let info = this.#infoOf(connection);
    if (this.#sendsHeader(info.source?.address)) {
      const told = await takeProxyHeader(connection, { timeoutMs, acceptsV1: true });
      if (told.source !== undefined) info = told;
      this.#connections.set(connection, info);
    }
    const address = info.source?.address ?? '';
    if (!this.#admission.enter(address)) {
      throw new ResourceLimitError(`Too many connections from ${address}`, { limit: 'connectionsPerAddress', address });
    }
    if (connection.destroyed) this.#admission.leave(address);
    else connection.once('close', () => this.#admission.leave(address));
    if (this.#middleware.length === 0) return info;
    try {
      await runMiddleware(this.#middleware, connectionContext(info), middlewareTimeoutMs);
    } catch (cause) {
      throw new MiddlewareBlockedError(`A connection from ${address} was refused`, { line: 'connection' }, { cause });
    }
    return info;
  }

  /** Finds a target for a connection and relays. `client` is the connection itself or the TLS socket on top of it. */
  async #deliver(connection: Socket, client: Socket | TLSSocket, info: ProxyInfo): Promise<void> {
    client.on('error', () => undefined);
    const target = await this.#finder.reach(client, info);
    if (target === undefined) {
      this.#drop(client);
      return;
    }
    if (client.destroyed) {
      target.release();
      target.connection.destroy();
      return;
    }
    const { halfCloseTimeoutMs } = this.#settings;
    const rules = { halfCloseTimeoutMs, turn: this.#turn };
    this.#relays.set(
      connection,
      relay(client, target.connection, rules, () => target.release()),
    );
  }

  #infoOf(connection: Socket): ProxyInfo {
    return this.#connections.get(connection) ?? endpointsOf(connection);
  }

  #requireTls(): TlsTermination {
    if (this.#tls === undefined) throw new InvalidActionError('This balancer was made without the option `tls`');
    return this.#tls;
  }

  #whenIdle(deadlineMs: number): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(deadline);
        this.#idleWaits.delete(settle);
        resolve();
      };
      const deadline = setTimeout(settle, deadlineMs);
      this.#idleWaits.add(settle);
    });
  }

  #stopAccepting(): void {
    this.#isClosed = true;
    for (const server of this.#listeners) server.close();
    this.#listeners.clear();
  }

  #drop(connection: Socket): void {
    this.#dropped++;
    connection.destroy();
  }
}
