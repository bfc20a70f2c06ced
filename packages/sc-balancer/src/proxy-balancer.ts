import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { InvalidActionError, StartError } from 'sc-protocol';
import { connectionInfo } from './connection-info.js';
import { listenProblem } from './listen-problem.js';
import { encodeProxyHeader } from './proxy-header.js';
import { resolveProxyOptions } from './proxy-options.js';
import type { ProxyOptions, ProxySettings, ProxyTarget } from './proxy-options.js';
import { chunkBytes, reachTarget } from './reach-target.js';
import { relay } from './relay.js';
import { TargetTable } from './target-table.js';
import type { TargetEntry } from './target-table.js';
import { withTlsDefaults } from './tls-defaults.js';

/** What a balancer is doing. */
export interface ProxyStatus {
  readonly targets: readonly { readonly id: string; readonly connections: number; readonly isEjected: boolean }[];
  /** Open connections, those in a TLS handshake and those without a target included. */
  readonly connections: number;
  /** Connections without a target now because all failed. */
  readonly waiting: number;
  /** Connections closed since the start because no target took them or a limit was reached. */
  readonly dropped: number;
}

/** How long destroyed connections may take to be closed. */
const closeTimeoutMs = 1_000;

/**
 * Accepts connections, ends TLS when told to, and relays the bytes of each to the target with the fewest connections.
 * It never looks into the bytes.
 */
export class ProxyBalancer {
  readonly #settings: ProxySettings;
  readonly #table: TargetTable<ProxyTarget>;
  readonly #tlsServer: Server | undefined;
  readonly #listeners = new Set<Server>();
  readonly #connections = new Set<Socket>();
  /** Called when a target is added, to end the waits for one. */
  readonly #wakeUps = new Set<() => void>();
  #dropped = 0;
  #isClosed = false;
  readonly #idleWaits = new Set<() => void>();

  constructor(options: ProxyOptions = {}) {
    const settings = resolveProxyOptions(options);
    this.#settings = settings;
    this.#table = new TargetTable(settings);
    for (const target of settings.targets) this.#table.add(target);
    if (settings.tls !== undefined) this.#tlsServer = this.#createTlsServer(settings.tls);
  }

  /** Listens on a port. Rejects with a StartError, for example when the port is taken. */
  listen(port: number, host?: string): Promise<AddressInfo> {
    if (this.#isClosed) throw new InvalidActionError('The balancer is closed');
    const server = createTcpServer({ allowHalfOpen: true, noDelay: true, highWaterMark: chunkBytes }, (connection) =>
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

  /** Takes a connection of which no byte has been read, for example one that was handed to this process. */
  accept(connection: Socket): void {
    // A client that breaks off is no news; `close` cleans up.
    connection.on('error', () => undefined);
    if (this.#isClosed || this.#connections.size >= this.#settings.maxConnections) {
      this.#drop(connection);
      return;
    }
    connection.allowHalfOpen = true;
    this.#connections.add(connection);
    connection.once('close', () => {
      this.#connections.delete(connection);
      if (this.#connections.size === 0) for (const settle of this.#idleWaits) settle();
    });
    if (this.#tlsServer === undefined) void this.#deliver(connection);
    else this.#tlsServer.emit('connection', connection);
  }

  addTarget(target: ProxyTarget): void {
    this.#table.add(target);
    for (const wakeUp of this.#wakeUps) wakeUp();
  }

  /** Sends a target nothing new. What it has goes on. False when there is no such target. */
  removeTarget(id: string): boolean {
    return this.#table.remove(id);
  }

  /** Adds those of the list that are not there and removes those that are not in it. */
  setTargets(targets: readonly ProxyTarget[]): void {
    const wanted = new Set(targets.map(({ id }) => id));
    for (const { id } of this.#table.entries) if (!wanted.has(id)) this.#table.remove(id);
    for (const target of targets) if (this.#table.get(target.id) === undefined) this.addTarget(target);
  }

  status(): ProxyStatus {
    const now = this.#settings.now();
    return {
      targets: this.#table.entries.map(({ id, connections, ejectedUntil }) => ({
        id,
        connections,
        isEjected: ejectedUntil > now,
      })),
      connections: this.#connections.size,
      waiting: this.#wakeUps.size,
      dropped: this.#dropped,
    };
  }

  /** Accepts nothing more, waits until every connection has ended or the deadline has passed, and closes. */
  async drain(deadlineMs: number): Promise<void> {
    this.#stopAccepting();
    await this.#whenIdle(deadlineMs);
    await this.close();
  }

  /** Closes listeners and connections. May be repeated. */
  async close(): Promise<void> {
    this.#stopAccepting();
    for (const connection of this.#connections) connection.destroy();
    for (const wakeUp of this.#wakeUps) wakeUp();
    await this.#whenIdle(closeTimeoutMs);
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

  #createTlsServer(options: NonNullable<ProxySettings['tls']>): Server {
    const server = createTlsServer(withTlsDefaults(options), (connection) => void this.#deliver(connection));
    server.on('tlsClientError', (error: Error, connection: TLSSocket) => {
      this.#settings.onWarning(error);
      connection.destroy();
    });
    return server;
  }

  /** Finds a target for a client's connection and relays. */
  async #deliver(client: Socket | TLSSocket): Promise<void> {
    client.on('error', () => undefined);
    const header = this.#settings.proxyHeader ? encodeProxyHeader(connectionInfo(client)) : undefined;
    const reached = await this.#reach(client);
    if (reached === undefined) {
      this.#drop(client);
      return;
    }
    const { entry, connection } = reached;
    if (client.destroyed) {
      entry.connections--;
      connection.destroy();
      return;
    }
    if (header !== undefined) connection.write(header);
    relay(client, connection, this.#settings, () => entry.connections--);
  }

  /** Tries targets until one takes the connection, the client is gone, or the time is over. */
  async #reach(client: Socket): Promise<{ entry: TargetEntry<ProxyTarget>; connection: Socket } | undefined> {
    const { now, waitTimeoutMs, maxWaiting, connectTimeoutMs, onWarning } = this.#settings;
    const deadline = now() + waitTimeoutMs;
    const tried = new Set<string>();
    while (!client.destroyed) {
      const entry = this.#table.choose(client.remoteAddress, ({ id }) => !tried.has(id));
      if (entry === undefined) {
        if (now() >= deadline || this.#wakeUps.size >= maxWaiting) return undefined;
        await this.#pause();
        tried.clear();
        continue;
      }
      tried.add(entry.id);
      // Counted from here, so that many connections at once spread.
      entry.connections++;
      try {
        return { entry, connection: await reachTarget(entry.target, connectTimeoutMs) };
      } catch (error) {
        entry.connections--;
        this.#table.eject(entry);
        onWarning(error as Error);
      }
    }
    return undefined;
  }

  /** Until there is a new target, or it is time to try the old ones again. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const wakeUp = (): void => {
        clearTimeout(timer);
        this.#wakeUps.delete(wakeUp);
        resolve();
      };
      const timer = setTimeout(wakeUp, this.#settings.retryDelayMs);
      this.#wakeUps.add(wakeUp);
    });
  }

  #drop(connection: Socket): void {
    this.#dropped++;
    connection.destroy();
  }
}
