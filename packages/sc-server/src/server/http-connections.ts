import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { ListenOptions, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { InvalidArgumentsError, StartError } from 'sc-protocol';
import { markOwn } from '../http/own-listeners.js';
import { stepBody, unlimitedBody, type BodyLimits } from './body-progress.js';

/** State of one connection. */
interface Tracked {
  request: IncomingMessage | undefined;
  /** Response to the last request; when it has been sent, so have all earlier ones. */
  response: ServerResponse | undefined;
  /** The connection was upgraded and no longer carries HTTP. */
  isUpgraded: boolean;
  /** Remaining time without progress of the request body, in milliseconds. */
  creditMs: number;
  /** `bytesRead` at the last check. */
  bytesSeen: number;
  /** Time since which a drain has seen no request and no new bytes. */
  quietSince: number | undefined;
}

export interface DrainRules {
  /**
   * Time for which an idle connection stays open for a request in flight, in milliseconds. The response to it carries
   * `Connection: close`.
   */
  readonly lameDuckMs: number;
  /** Deadline for requests in flight, in milliseconds; their connections are then destroyed. */
  readonly deadlineMs: number;
  /** Whether upgraded connections remain that their owner will close. */
  readonly isHeld: () => boolean;
}

const connectionsOf = Symbol.for('sc-server.httpConnections');
type TrackedServer = HttpServer & { [connectionsOf]?: HttpConnections };

const bodyCheckMs = 1_000;
const drainCheckMs = 20;
/** Time for destroyed connections to close. */
const cutTimeMs = 100;
/** All events by which a request can arrive, including upgrades. */
const requestEvents: ReadonlySet<string> = new Set(['checkContinue', 'checkExpectation']);
const upgradeEvents: ReadonlySet<string> = new Set(['upgrade', 'connect']);

/**
 * The connections of an HTTP or HTTPS server, including one that does not listen and receives its connections from
 * `accept()`. Enforces the progress of request bodies, and drains: responses carry `Connection: close`, idle
 * connections are closed after a lame-duck period, requests in flight finish.
 */
export class HttpConnections {
  readonly server: HttpServer;
  readonly #event: 'connection' | 'secureConnection';
  readonly #body: BodyLimits;
  readonly #tracked = new Map<Socket, Tracked>();
  readonly #hooked = new Set<string>();
  #isFed = false;
  #isDraining = false;
  #bodyTimer: NodeJS.Timeout | undefined;

  /** Tracks the connections of a server created by this package. Call it before the first connection. */
  static create(server: HttpServer, body: BodyLimits): HttpConnections {
    return ((server as TrackedServer)[connectionsOf] = new HttpConnections(server, body));
  }

  /** Returns the connections of a server that the application may have created, and whose bodies it handles itself. */
  static of(server: HttpServer): HttpConnections {
    return (server as TrackedServer)[connectionsOf] ?? HttpConnections.create(server, unlimitedBody);
  }

  private constructor(server: HttpServer, body: BodyLimits) {
    this.server = server;
    this.#body = body;
    // A TLS server emits `connection` before the TLS handshake, and the socket that carries HTTP only after it.
    this.#event = server instanceof TlsServer ? 'secureConnection' : 'connection';
    server.on(this.#event, (socket: Socket) => this.#track(socket));
    server.prependListener('request', this.#onRequest);
    for (const event of [...requestEvents, ...upgradeEvents]) if (server.listenerCount(event) > 0) this.#hook(event);
    // Hook only events that the application listens to: any listener changes the behaviour of Node.
    server.on('newListener', (event: string) => this.#hook(event));
    if (body.timeoutMs > 0) this.#bodyTimer = setInterval(() => this.#checkBodies(), bodyCheckMs).unref();
  }

  /**
   * Makes Node enforce header and request deadlines for a server that will not listen. Node starts its checks at the
   * event `listening`, and tracks only connections that are accepted after it.
   */
  startWithoutListening(): void {
    this.#isFed = true;
    this.server.emit('listening');
  }

  /** Listens. Rejects with `StartError`. */
  listen(options: ListenOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = (cause: Error) => {
        const message = `The server could not listen on port ${options.port ?? 0}: ${cause.message}`;
        reject(new StartError(message, undefined, { cause }));
      };
      this.server.once('error', refuse);
      this.server.listen(options, () => {
        this.server.off('error', refuse);
        resolve();
      });
    });
  }

  /** Whether the connections come from `accept()`, and their owner drains them. */
  get isFed(): boolean {
    return this.#isFed;
  }

  /** Passes a connection to the server: plain, or after the TLS handshake for an HTTPS server. */
  accept(socket: Socket): void {
    this.server.emit(this.#event, socket);
  }

  /** Adds `Connection: close` to all responses from now on. */
  startDraining(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    for (const { response } of this.#tracked.values()) sayClose(response);
  }

  /**
   * Resolves when every connection has ended: requests in flight have finished or were destroyed at the deadline, and
   * upgraded connections without an owner were destroyed.
   */
  async drain(rules: DrainRules): Promise<void> {
    await this.#drain(rules);
    for (const socket of this.#tracked.keys()) socket.destroy();
  }

  async #drain({ lameDuckMs, deadlineMs, isHeld }: DrainRules): Promise<void> {
    this.startDraining();
    const cutAt = performance.now() + deadlineMs;
    while (this.#closeIdle(lameDuckMs) > 0 || isHeld()) {
      if (performance.now() >= cutAt) break;
      await new Promise((resolve) => setTimeout(resolve, drainCheckMs));
    }
    clearInterval(this.#bodyTimer);
  }

  /**
   * Stops listening and drains without a lame-duck period, because clients cannot reconnect here. Does not wait for
   * connections upgraded by others, which own them. Does nothing for a server that is fed or does not listen.
   */
  async close(deadlineMs: number, isHeld: () => boolean): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    await this.#drain({ lameDuckMs: 0, deadlineMs, isHeld });
    for (const [socket, { isUpgraded }] of this.#tracked) if (!isUpgraded) socket.destroy();
    let timer: NodeJS.Timeout | undefined;
    const cut = new Promise((resolve) => (timer = setTimeout(resolve, cutTimeMs)));
    await Promise.race([closed, cut]);
    clearTimeout(timer);
  }

  /** Tracks an upgraded connection taken over from another process. */
  adopt(socket: Socket): void {
    this.#track(socket, true);
  }

  #track(socket: Socket, isUpgraded = false): void {
    this.#tracked.set(socket, {
      request: undefined,
      response: undefined,
      isUpgraded,
      creditMs: this.#body.timeoutMs,
      bytesSeen: 0,
      quietSince: undefined,
    });
    socket.once('close', () => this.#tracked.delete(socket));
  }

  readonly #onRequest = markOwn((request: IncomingMessage, response: ServerResponse): void => {
    const tracked = this.#tracked.get(request.socket);
    if (tracked === undefined) return;
    tracked.request = request;
    tracked.response = response;
    tracked.creditMs = this.#body.timeoutMs;
    if (this.#isDraining) sayClose(response);
  });

  readonly #onUpgrade = markOwn((request: IncomingMessage): void => {
    const tracked = this.#tracked.get(request.socket);
    if (tracked === undefined) return;
    tracked.isUpgraded = true;
    tracked.request = undefined;
    tracked.response = undefined;
  });

  #hook(event: string): void {
    if (this.#hooked.has(event)) return;
    const listener = requestEvents.has(event)
      ? this.#onRequest
      : upgradeEvents.has(event)
        ? this.#onUpgrade
        : undefined;
    if (listener === undefined) return;
    this.#hooked.add(event);
    this.server.prependListener(event, listener);
  }

  /** Closes connections that have been idle for this time. Returns the number of remaining HTTP connections. */
  #closeIdle(lameDuckMs: number): number {
    const now = performance.now();
    let left = 0;
    for (const [socket, tracked] of this.#tracked) {
      if (tracked.isUpgraded) continue;
      left += 1;
      // Bytes without a request are the start of a request.
      const isQuiet = isAnswered(tracked.response) && tracked.bytesSeen === socket.bytesRead;
      tracked.bytesSeen = socket.bytesRead;
      if (!isQuiet) tracked.quietSince = undefined;
      else if (now - (tracked.quietSince ??= now) >= lameDuckMs) socket.destroySoon();
    }
    return left;
  }

  #checkBodies(): void {
    for (const [socket, tracked] of this.#tracked) {
      const { request } = tracked;
      if (request === undefined || request.complete || request.destroyed) continue;
      const bytes = socket.bytesRead - tracked.bytesSeen;
      tracked.bytesSeen = socket.bytesRead;
      // Backpressure: the client cannot send, so do not charge this time.
      if (socket.isPaused() || request.isPaused() || request.readableLength > 0) continue;
      tracked.creditMs = stepBody(this.#body, tracked.creditMs, bodyCheckMs, bytes);
      if (tracked.creditMs <= 0) this.#refuseBody(socket, tracked);
    }
  }

  /** Same behaviour as Node after `requestTimeout`. */
  #refuseBody(socket: Socket, { response }: Tracked): void {
    const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    if (this.server.emit('clientError', error, socket)) return;
    if (response?.headersSent === true) socket.destroy();
    else socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', () => socket.destroy());
  }
}

function isAnswered(response: ServerResponse | undefined): boolean {
  return response === undefined || response.writableFinished || response.destroyed;
}

function sayClose(response: ServerResponse | undefined): void {
  if (response !== undefined && !response.headersSent) response.setHeader('Connection', 'close');
}

/** Throws `InvalidArgumentsError` unless the value is an HTTP server. */
export function requireHttpServer(httpServer: unknown): void {
  if (typeof (httpServer as Partial<HttpServer> | null | undefined)?.on === 'function') return;
  throw new InvalidArgumentsError('SCServer.attach needs an HTTP server as its first argument');
}
