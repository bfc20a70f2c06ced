import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { EventEmitter } from 'eventemitter3';
import { InvalidActionError, InvalidFrameError } from 'sc-protocol';
import type { StoreController } from '../controller/store-controller.js';
import type { RecoveryReport } from '../persist/recovery.js';
import { StoreHost } from '../store-host.js';
import { frameSlackBytes, wireVersion } from '../wire/frame.js';
import type { ShardPlace } from '../wire/login.js';
import { warnProcess } from '../warn-process.js';
import { Acceptor } from './acceptor.js';
import { acceptLogin } from './login.js';
import { ServerLink } from './link.js';
import { listen } from './listen.js';
import { resolveServerOptions } from './options.js';
import { ShardPlaces } from './shard-places.js';
import type { NdataServerOptions, ResolvedServerOptions } from './options.js';

/** Address on which a server listens. */
export type ServerAddress = { readonly socketPath: string } | { readonly port: number; readonly host: string };

/** Events of a store server. */
export interface NdataServerEvents {
  /** Clients can connect. */
  ready: () => void;
  /** The server is closed. */
  close: () => void;
  /** An internal error of the store or of its listening socket. Clients get no details of it. */
  error: (error: Error) => void;
}

/** Milliseconds for clients to read their queued output when the store closes. */
const closeGraceMs = 1000;

/** A store that clients reach by unix socket or TCP. Throws `InvalidOptionsError`. */
export class NdataServer extends EventEmitter<NdataServerEvents> {
  /** The store's controller. */
  readonly store: StoreController;
  readonly #options: ResolvedServerOptions;
  readonly #host: StoreHost;
  readonly #acceptor: Acceptor;
  readonly #links = new Set<ServerLink>();
  readonly #places = new ShardPlaces();
  #dirty: ServerLink[] = [];
  #recovery: RecoveryReport | undefined;
  #isRecovered = false;
  #checkTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** Creates a server. Throws `InvalidOptionsError`. Call `listen()` to open its socket. */
  constructor(options: NdataServerOptions = {}) {
    super();
    this.#options = resolveServerOptions(options);
    this.#host = new StoreHost(options, (error) => this.report(error));
    this.store = this.#host.controller;
    const { tls, loginTimeoutMs, maxPendingLogins } = this.#options;
    this.#acceptor = new Acceptor({
      tls,
      loginTimeoutMs,
      hasRoom: () => !this.#isClosed && this.#acceptor.size - this.#links.size < maxPendingLogins,
      onSocket: (socket) => this.#login(socket),
      onRefusal: (limit) => this.#host.core.limitHits.hit(limit),
    });
  }

  /** The address on which the server listens. Throws `InvalidActionError` before `listen()`. */
  get address(): ServerAddress {
    const address = this.#acceptor.server.address();
    if (address === null) throw new InvalidActionError('The store does not listen yet');
    return typeof address === 'string' ? { socketPath: address } : { port: address.port, host: address.address };
  }

  /** Result of the recovery from the `persist` folder. */
  get recovery(): RecoveryReport | undefined {
    return this.#recovery;
  }

  /** Number of clients that are logged in. */
  get clients(): number {
    return this.#links.size;
  }

  /**
   * Restores the data from the `persist` folder and persists all writes from then on. `listen()` does this too; call it
   * earlier for a controller that needs its data before clients can connect. Throws `StartError`.
   */
  recover(): RecoveryReport | undefined {
    if (this.#isClosed) throw new InvalidActionError('The store is closed');
    if (!this.#isRecovered) this.#recovery = this.#host.start();
    this.#isRecovered = true;
    return this.#recovery;
  }

  /** Resolves when clients can connect. Rejects with `StartError`. */
  async listen(): Promise<void> {
    this.recover();
    try {
      await listen(this.#acceptor.server, this.#options.listen);
    } catch (error) {
      await this.#host.close();
      throw error;
    }
    this.#acceptor.server.on('error', (error) => this.report(error));
    this.#host.core.returning.begin(this.#options.returningClients);
    this.emit('ready');
  }

  /** Listens again if the file of the unix socket was removed. Open links are kept. Rejects with `StartError`. */
  async restoreSocket(): Promise<void> {
    const { listen: where } = this.#options;
    const { server } = this.#acceptor;
    if (this.#isClosed || !server.listening || !('path' in where) || existsSync(where.path)) return;
    server.close();
    await listen(server, where);
  }

  /** With `persist`: compacts the log into a snapshot now. */
  compact(): Promise<void> {
    return this.#host.compact();
  }

  /**
   * Stops accepting clients, flushes the output for connected clients, and closes. With `persist`, rejects with
   * `StoreError` if some data could not be written.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#checkTimer);
    // Send the replies that wait for the log first.
    await new Promise<void>((resolve) => this.#host.core.whenWritten(() => resolve()));
    for (const link of [...this.#links]) link.end();
    // Do not wait for a client that has stopped reading.
    await this.#acceptor.close(closeGraceMs);
    try {
      await this.#host.close();
    } finally {
      this.emit('close');
    }
  }

  get #maxFrameBytes(): number {
    return this.#host.core.options.maxValueBytes + frameSlackBytes;
  }

  #login(socket: Socket): void {
    const { maxClients, loginTimeoutMs: timeoutMs, secret } = this.#options;
    acceptLogin(socket, {
      maxFrameBytes: this.#maxFrameBytes,
      onForeignVersion: (version) => this.#refuseVersion(version),
      secret,
      timeoutMs,
      hasRoom: () => this.#links.size < maxClients,
      otherPlace: (place) => this.#places.otherThan(place),
      onRefusal: (limit) => this.#host.core.limitHits.hit(limit),
      onWelcome: (rest, place) => this.#welcome(socket, rest, place),
    });
  }

  #welcome(socket: Socket, rest: Buffer, place: ShardPlace | undefined): void {
    const endPlace = this.#places.add(place);
    const link = new ServerLink(socket, {
      core: this.#host.core,
      maxFrameBytes: this.#maxFrameBytes,
      maxPendingBytes: this.#options.maxPendingBytes,
      readTimeoutMs: this.#options.readTimeoutMs,
      now: () => performance.now(),
      onDirty: (dirty) => this.#flushLater(dirty),
      onClose: (closed) => {
        this.#links.delete(closed);
        endPlace();
        this.#leave(closed);
      },
      onFault: (error) => this.report(error),
    });
    this.#links.add(link);
    this.#host.core.returning.connected(link);
    this.#checkTimer ??= this.#checkLinks();
    link.start(rest);
  }

  /** Disconnects clients that have stopped reading. */
  #checkLinks(): NodeJS.Timeout {
    const intervalMs = Math.max(1, Math.min(1000, this.#options.readTimeoutMs / 4));
    return setInterval(() => {
      const now = performance.now();
      for (const link of [...this.#links]) link.check(now);
    }, intervalMs).unref();
  }

  #refuseVersion(version: number): void {
    this.#host.core.limitHits.hit('authFailures');
    const text = `A client speaks version ${version} of the link protocol and this store version ${wireVersion}: both ends need the same version of ndata-store`;
    this.report(new InvalidFrameError(text, { field: 'version' }));
  }

  #leave(link: ServerLink): void {
    try {
      this.#host.core.leave(link);
    } catch (error) {
      // The last will of the client failed, and the client is gone, so report the error here.
      this.report(error as Error);
    }
  }

  /** Batches all output for a client in an event loop turn into one write. */
  #flushLater(link: ServerLink): void {
    if (this.#dirty.push(link) > 1) return;
    setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    const links = this.#dirty;
    this.#dirty = [];
    for (const each of links) each.flush();
  };

  /** Reports an error by the `error` event, or by a process warning if the event has no listener. */
  report(error: Error): void {
    // Without a listener the error would be lost.
    if (!this.emit('error', error)) warnProcess(error);
  }
}
