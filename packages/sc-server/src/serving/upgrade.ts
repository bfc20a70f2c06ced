import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Codec } from 'sc-protocol';
import { WebSocketServer, type ServerOptions } from 'ws';
import type { CodecChoice } from './codec-choice.js';
import type { LimitHits } from './limit-hits.js';
import type { MiddlewareLines } from './middleware.js';
import type { ResolvedServerOptions } from './options.js';
import { createOriginCheck } from './origins.js';
import { OwnedWebSocket } from './owned-websocket.js';
import { refuseUpgrade } from './refuse-upgrade.js';
import { TokenBucket } from './token-bucket.js';

/** Takes a WebSocket whose upgrade was allowed. */
export type AcceptUpgrade = (ws: OwnedWebSocket, stream: Duplex, request: IncomingMessage) => void;

/** Options of ws that are newer than its types. */
interface NewerOptions {
  /** Floods of tiny fragments cost memory out of proportion to their bytes. */
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
  /** How long a closing handshake may take before the connection is cut. */
  readonly closeTimeout: number;
}

export interface UpgradeSetting {
  readonly httpServer: HttpServer;
  readonly options: ResolvedServerOptions;
  readonly codecs: CodecChoice;
  readonly middleware: MiddlewareLines;
  readonly limitHits: LimitHits;
  /** Whether this process has to shed load at the moment. */
  readonly isOverloaded: () => boolean;
  /** Sees every request that may become a socket before the middleware does. */
  readonly prepare: (request: IncomingMessage) => void;
  /** Headers for the answer to an upgrade. */
  readonly headersOf: (request: IncomingMessage) => readonly string[];
  readonly accept: AcceptUpgrade;
}

/** Seconds after which a client that was refused for load should come back; spread, so that not all come at once. */
const retryAfter = { least: 1, spread: 5 };
/** Burst of new connections, in seconds of the rate. */
const burstSeconds = 5;
const closeTimeoutMs = 2_000;

/**
 * Turns HTTP upgrades on the server's path into WebSockets: path, load, origin, then the middleware line `handshake`.
 * Returns a function that stops it.
 */
export function serveUpgrades(setting: UpgradeSetting): () => void {
  const { httpServer, options, codecs, middleware, limitHits, isOverloaded, accept } = setting;
  const wsOptions: ServerOptions<typeof OwnedWebSocket> & NewerOptions = {
    noServer: true,
    WebSocket: OwnedWebSocket,
    clientTracking: false,
    perMessageDeflate: false,
    // Pongs go out with everything else, and count.
    autoPong: false,
    maxPayload: options.maxPayloadBytes,
    maxFragments: options.maxFragments,
    maxBufferedChunks: options.maxFragments * 4,
    closeTimeout: closeTimeoutMs,
    handleProtocols: (offered) => chooseSubprotocol(offered, codecs.offered),
  };
  const wss = new WebSocketServer(wsOptions);
  wss.on('headers', (headers, request) => headers.push(...setting.headersOf(request)));
  const isAllowedOrigin = createOriginCheck(options.origins);
  const newConnections = new TokenBucket(options.connectionRate, options.connectionRate * burstSeconds);
  let isStopped = false;

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    // Another path is somebody else's, if there is somebody else.
    const isOurs = isOnPath(request.url, options.path);
    if (!isOurs && httpServer.listenerCount('upgrade') > 1) return;
    const onError = () => stream.destroy();
    stream.on('error', onError);
    if (!isOurs) {
      refuseUpgrade(stream, 404);
      return;
    }
    const proceed = () => {
      if (stream.destroyed) return;
      if (isStopped) {
        refuseBusy(stream);
        return;
      }
      stream.off('error', onError);
      wss.handleUpgrade(request, stream, head, (ws) => accept(ws, stream, request));
    };
    if (isOverloaded()) {
      limitHits.hit('loadShedding');
      refuseBusy(stream);
    } else if (!newConnections.take(1)) {
      limitHits.hit('connectionRate');
      refuseBusy(stream);
    } else if (!isAllowedOrigin(request.headers.origin, request.headers.host)) {
      refuseUpgrade(stream, 403, `The origin ${shortened(request.headers.origin)} is not allowed`);
    } else if (!middleware.has('handshake')) {
      setting.prepare(request);
      proceed();
    } else {
      setting.prepare(request);
      middleware.run({ line: 'handshake', request }).then(proceed, (error: unknown) => {
        refuseUpgrade(stream, 401, (error as Error).message);
      });
    }
  };
  httpServer.on('upgrade', onUpgrade);
  return () => {
    isStopped = true;
    httpServer.off('upgrade', onUpgrade);
    wss.close();
  };
}

/** The path with or without its final slash, with or without a query. */
function isOnPath(url: string | undefined, path: string): boolean {
  if (url === undefined) return false;
  const end = url.indexOf('?');
  const pathname = end === -1 ? url : url.slice(0, end);
  return pathname === path || `${pathname}/` === path;
}

function chooseSubprotocol(offered: ReadonlySet<string>, codecs: readonly Codec[]): string | false {
  return codecs.find(({ subprotocol }) => subprotocol !== undefined && offered.has(subprotocol))?.subprotocol ?? false;
}

function refuseBusy(stream: Duplex): void {
  const seconds = retryAfter.least + Math.floor(Math.random() * retryAfter.spread);
  refuseUpgrade(stream, 503, 'The server is busy', [`Retry-After: ${seconds}`]);
}

function shortened(origin: string | undefined): string {
  return JSON.stringify((origin ?? '').slice(0, 100));
}
