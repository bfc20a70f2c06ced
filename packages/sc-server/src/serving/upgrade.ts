import { STATUS_CODES, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Codec } from 'sc-protocol';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import type { CodecChoice } from './codec-choice.js';
import type { MiddlewareLines } from './middleware.js';
import type { ResolvedServerOptions } from './options.js';
import { createOriginCheck } from './origins.js';

/** Takes a WebSocket whose upgrade was allowed. */
export type AcceptUpgrade = (ws: WebSocket, stream: Duplex, request: IncomingMessage) => void;

/**
 * Floods of tiny fragments cost memory out of proportion to their bytes. The options are newer than the types of ws;
 * its own limits are 16 and 64 times as wide.
 */
interface FragmentLimits {
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
}

/**
 * Turns HTTP upgrades on the server's path into WebSockets: path, origin, then the middleware line `handshake`.
 * Returns a function that stops it.
 */
export function serveUpgrades(
  httpServer: HttpServer,
  options: ResolvedServerOptions,
  codecs: CodecChoice,
  middleware: MiddlewareLines,
  accept: AcceptUpgrade,
): () => void {
  const wsOptions: ServerOptions & FragmentLimits = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.maxPayloadBytes,
    maxFragments: 1024,
    maxBufferedChunks: 4096,
    handleProtocols: (offered) => chooseSubprotocol(offered, codecs.offered),
  };
  const wss = new WebSocketServer(wsOptions);
  const isAllowedOrigin = createOriginCheck(options.origins);
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (!isOnPath(request.url, options.path)) {
      // Another path is somebody else's, if there is somebody else.
      if (httpServer.listenerCount('upgrade') === 1) refuse(stream, 404);
      return;
    }
    const onError = () => stream.destroy();
    stream.on('error', onError);
    const proceed = () => {
      stream.off('error', onError);
      if (stream.destroyed) return;
      wss.handleUpgrade(request, stream, head, (ws) => accept(ws, stream, request));
    };
    if (!isAllowedOrigin(request.headers.origin, request.headers.host)) {
      refuse(stream, 403, `The origin ${shortened(request.headers.origin)} is not allowed`);
    } else if (!middleware.has('handshake')) {
      proceed();
    } else {
      middleware.run({ line: 'handshake', request }).then(proceed, (error: unknown) => {
        refuse(stream, 401, (error as Error).message);
      });
    }
  };
  httpServer.on('upgrade', onUpgrade);
  return () => {
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

function refuse(stream: Duplex, status: number, reason = STATUS_CODES[status] ?? ''): void {
  if (stream.destroyed) return;
  const body = Buffer.from(reason);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${body.length}`,
  ].join('\r\n');
  stream.once('finish', () => stream.destroy());
  stream.end(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]));
}

function shortened(origin: string | undefined): string {
  return JSON.stringify((origin ?? '').slice(0, 100));
}
