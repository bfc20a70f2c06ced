import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { InvalidOptionsError } from 'sc-protocol';
import { hasForeignListener, markOwn, servesRequests } from './own-listeners.js';
import { refuseUpgrade } from './refuse-upgrade.js';
import { pathOf, withFinalSlash } from './request-target.js';
import { serveAsRequest } from './serve-as-request.js';

/** Handles a WebSocket upgrade on a claimed path. */
export type UpgradeHandler = (request: IncomingMessage, stream: Duplex, head: Buffer) => void;

/**
 * Time for the application's own `upgrade` listeners, which may be asynchronous. An upgrade that is untouched after
 * this time is unhandled.
 */
const claimWithinMs = 5_000;

const routerOf = Symbol.for('sc-server.upgradeRouter');

type RoutedServer = HttpServer & { [routerOf]?: UpgradeRouter | undefined };

/**
 * Routes the upgrades of one HTTP server. Shared by all `SCServer`s of the HTTP server, so a path has one owner, and an
 * upgrade without an owner is answered once: served as an ordinary request, or refused with 404 if it is for a
 * WebSocket. Also answers ordinary requests if the application has no `request` listener.
 */
export class UpgradeRouter {
  readonly #httpServer: RoutedServer;
  readonly #handlers = new Map<string, UpgradeHandler>();
  /** Upgraded connections that have not, or will never, become sockets of a server. */
  readonly #open = new Set<Duplex>();
  /** The response to the last request before an upgrade; it may still be pending. */
  readonly #lastResponses = new WeakMap<Duplex, ServerResponse>();

  private constructor(httpServer: RoutedServer) {
    this.#httpServer = httpServer;
    // Prepended, to observe what the application's listeners do with a connection.
    httpServer.prependListener('upgrade', this.#onUpgrade);
    httpServer.prependListener('request', this.#onRequest);
  }

  /** Returns the router of this HTTP server; creates it if needed. */
  static of(httpServer: HttpServer): UpgradeRouter {
    const routed = httpServer as RoutedServer;
    const router = routed[routerOf] ?? new UpgradeRouter(routed);
    routed[routerOf] = router;
    return router;
  }

  /** Throws `InvalidOptionsError` if the path already has a handler. */
  check(path: string): void {
    if (!this.#handlers.has(path)) return;
    throw new InvalidOptionsError(
      `\`path\` must not be that of another SCServer on the same HTTP server, got "${path}"; close that one first, or attach with another path`,
      { option: 'path' },
    );
  }

  /** Routes the upgrades on a path to a handler. Throws like `check`. */
  claim(path: string, handler: UpgradeHandler): void {
    this.check(path);
    this.#handlers.set(path, handler);
  }

  /** Releases a path. Releasing the last one removes the router. */
  release(path: string): void {
    if (!this.#handlers.delete(path) || this.#handlers.size > 0) return;
    const httpServer = this.#httpServer;
    httpServer.off('upgrade', this.#onUpgrade);
    httpServer.off('request', this.#onRequest);
    delete httpServer[routerOf];
  }

  /** Tracks a connection and handles its errors until it ends or the returned function is called. */
  watch(stream: Duplex): () => void {
    const onError = () => stream.destroy();
    const stop = () => {
      this.#open.delete(stream);
      stream.off('error', onError);
      stream.off('close', stop);
    };
    this.#open.add(stream);
    stream.on('error', onError);
    stream.on('close', stop);
    return stop;
  }

  /** Destroys all tracked connections. */
  cut(): void {
    for (const stream of this.#open) stream.destroy();
  }

  readonly #onUpgrade = markOwn((request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const stop = this.watch(stream);
    const earlier = this.#lastResponses.get(stream);
    if (earlier === undefined || earlier.closed) this.#route(request, stream, head, stop);
    // Pipelined requests are answered in order.
    else earlier.once('close', () => stream.destroyed || this.#route(request, stream, head, stop));
  });

  #route(request: IncomingMessage, stream: Duplex, head: Buffer, stop: () => void): void {
    const handler = isForWebSocket(request) ? this.#handlerOf(request) : undefined;
    if (handler !== undefined) {
      stop();
      handler(request, stream, head);
    } else if (this.#hasOtherListeners()) {
      this.#awaitClaim(request, stream, head, stop);
    } else {
      this.#answerUnclaimed(request, stream, head, stop);
    }
  }

  #awaitClaim(request: IncomingMessage, stream: Duplex, head: Buffer, stop: () => void): void {
    const writtenBefore = writtenOn(stream);
    const isTouched = () => isInUse(stream) || writtenOn(stream) !== writtenBefore;
    setImmediate(() => {
      if (isTouched()) {
        stop();
      } else if (!isForWebSocket(request)) {
        this.#answerUnclaimed(request, stream, head, stop);
      } else {
        const timer = setTimeout(() => {
          if (isTouched()) stop();
          else this.#answerUnclaimed(request, stream, head, stop);
        }, claimWithinMs);
        stream.once('close', () => clearTimeout(timer));
      }
    });
  }

  #answerUnclaimed(request: IncomingMessage, stream: Duplex, head: Buffer, stop: () => void): void {
    if (isForWebSocket(request)) {
      refuseUpgrade(stream, 404);
      return;
    }
    serveAsRequest(this.#httpServer, request, stream, head);
    stop();
  }

  readonly #onRequest = markOwn((request: IncomingMessage, response: ServerResponse): void => {
    this.#lastResponses.set(request.socket, response);
    if (servesRequests(this.#httpServer)) return;
    const isOnPath = this.#handlerOf(request) !== undefined;
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    if (isOnPath) {
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade' });
      response.end('This is a WebSocket endpoint: connect with a WebSocket client.\n');
    } else {
      response.writeHead(404).end('Not Found\n');
    }
  });

  #handlerOf({ url }: IncomingMessage): UpgradeHandler | undefined {
    const path = pathOf(url);
    return path === undefined ? undefined : this.#handlers.get(withFinalSlash(path));
  }

  #hasOtherListeners(): boolean {
    return hasForeignListener(this.#httpServer, 'upgrade');
  }
}

/** Whether the client offers an upgrade to a WebSocket. */
function isForWebSocket({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? '').split(',').some((protocol) => /^websocket(\/|$)/i.test(protocol.trim()));
}

/** Whether another listener reads from the connection, has ended it, or made it flow. */
function isInUse(stream: Duplex): boolean {
  if (stream.destroyed || stream.writableEnded || stream.readableFlowing !== null) return true;
  return stream.listenerCount('data') > 0 || stream.listenerCount('readable') > 0;
}

function writtenOn(stream: Duplex): number {
  return (stream as { bytesWritten?: number }).bytesWritten ?? 0;
}
