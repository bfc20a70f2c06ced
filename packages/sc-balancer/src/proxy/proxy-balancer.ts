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
  /** The targets with their open connections. Ejected targets are skipped for a while after a failure. */
  readonly targets: readonly { readonly id: string; readonly connections: number; readonly isEjected: boolean }[];
  /** Open connections, those in a TLS handshake and those without a target included. */
  readonly connections: number;
  /** Connections that came since the start, those that were closed at once not counted. */
  readonly accepted: number;
  /** Connections without a target now because all failed. */
  readonly waiting: number;
  /** Connections closed since the start because no target took them or a limit was reached. */
  readonly dropped: number;
}

/** How long destroyed connections may take to be closed. */
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
  /** Every open connection, with what is known of its client. */
  readonly #connections = new Map<Socket, ProxyInfo>();
  /** Clients with a target, each with a function that ends the relay when the target is removed. */
  readonly #relays = new Map<Socket, () => void>();
  readonly #turn = new Turn();
  readonly #idleWaits = new Set<() => void>();
  #accepted = 0;
  #dropped = 0;
  #isClosed = false;

  /** Throws InvalidOptionsError, or StartError when the TLS key or certificate cannot be used. */
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

  /** Listens on a port. Rejects with a StartError, for example when the port is taken. */
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

  /** Accepts a connection of which no byte has been read, for example one handed to this process. */
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

  /** Adds a function that admits or refuses each new connection. Functions run in the order in which they were added. */
  addMiddleware(middleware: ConnectionMiddleware): void {
    this.#middleware.push(middleware);
  }

  /** Adds a target for new connections. */
  addTarget(target: ProxyTarget): void {
    this.#finder.add(target);
  }

  /** Sends no more connections to a target. Its open connections stay. Returns false if there is no such target. */
  removeTarget(id: string): boolean {
    return this.#finder.remove(id);
  }

  /**
   * The open connections of one target are moving to another one, by another way than this balancer: they count for that
   * one from now on.
   */
  countMoved(from: string, to: string): void {
    this.#finder.succeed(from, to);
  }

  /** Adds those of the list that are not there and removes those that are not in it. */
  setTargets(targets: readonly ProxyTarget[]): void {
    this.#finder.set(targets);
  }

  /**
   * Uses other TLS options for new handshakes, for example another key and certificate; options that are not given stay
   * as they are. Open connections stay, and sessions can still be resumed. Throws StartError when they cannot be used;
   * the old ones then stay.
   */
  setSecureContext(options: TerminationOptions): void {
    this.#requireTls().replace(options);
  }

  /** Uses these TLS options, and no others, for new handshakes. Throws StartError when they cannot be used. */
  setTlsOptions(options: TerminationOptions): void {
    this.#requireTls().set(options);
  }

  /** Uses another certificate for clients that ask for this server name, for example `*.example.com`. */
  addServerName(name: string, options: SecureContextOptions): void {
    this.#requireTls().addServerName(name, options);
  }

  /**
   * Sets the keys that TLS session tickets are sealed with, 48 bytes each: the first one seals, older ones behind it
   * still open what they have sealed. With the same keys in every balancer a session resumes in any.
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

  /** Accepts nothing more, waits until every connection has ended or the deadline has passed, and closes. */
  async drain(deadlineMs: number): Promise<void> {
    this.#stopAccepting();
    await this.#whenIdle(deadlineMs);
    await this.close();
  }

  /**
   * Every target ends, and there will be no other: accepts nothing more, closes connections without a target, and the
   * others when the client has got what its target has sent, or when the deadline has passed. Settles when none is left.
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

  /** Closes listeners and connections. May be repeated. */
  async close(): Promise<void> {
    this.#stopAccepting();
    for (const connection of this.#connections.keys()) connection.destroy();
    this.#finder.close();
    await this.#whenIdle(closeTimeoutMs);
  }

  /** Determines the client of a connection and admits it. Rejects if it is refused. */
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

  /** Finds a target for a connection and relays. `client` is the connection itself, or what TLS made of it. */
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
