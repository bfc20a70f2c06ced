import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Codec } from 'sc-protocol';
import type { CodecChoice } from '../channels/codec-choice.js';
import type { LimitHits } from '../limits/limit-hits.js';
import type { MiddlewareLines } from '../middleware/run.js';
import type { ResolvedServerOptions } from '../server/options.js';
import { createOriginCheck } from './origins.js';
import { TokenBucket } from '../limits/token-bucket.js';
import { acceptUpgrade, type UpgradeAnswer } from './accept-upgrade.js';
import { refuseUpgrade } from './refuse-upgrade.js';

/** Takes a stream whose upgrade was answered with 101. `subprotocol` is the one agreed on, or ''. */
export type AcceptUpgrade = (stream: Duplex, request: IncomingMessage, subprotocol: string) => void;

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

/**
 * Turns HTTP upgrades on the server's path into WebSockets: path, load, origin, then the middleware line `handshake`.
 * Returns a function that stops it.
 */
export function serveUpgrades(setting: UpgradeSetting): () => void {
  const { httpServer, options, codecs, middleware, limitHits, isOverloaded, accept } = setting;
  const answer: UpgradeAnswer = {
    chooseSubprotocol: (offered) => chooseSubprotocol(offered, codecs.offered),
    headersOf: setting.headersOf,
  };
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
      const subprotocol = acceptUpgrade(request, stream, head, answer);
      if (subprotocol === undefined) return;
      stream.off('error', onError);
      accept(stream, request, subprotocol);
    };
    if (isOverloaded()) {
      limitHits.hit('loadShedding');
      refuseBusy(stream);
    } else if (!newConnections.take(1)) {
      limitHits.hit('connectionRate');
      refuseBusy(stream);
    } else if (request.headers.origin === undefined && !options.allowNoOrigin) {
      refuseUpgrade(stream, 403, 'A request without an origin is not allowed');
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
  };
}

/** The path with or without its final slash, with or without a query. */
function isOnPath(url: string | undefined, path: string): boolean {
  if (url === undefined) return false;
  const end = url.indexOf('?');
  const pathname = end === -1 ? url : url.slice(0, end);
  return pathname === path || `${pathname}/` === path;
}

function chooseSubprotocol(offered: ReadonlySet<string>, codecs: readonly Codec[]): string {
  return codecs.find(({ subprotocol }) => subprotocol !== undefined && offered.has(subprotocol))?.subprotocol ?? '';
}

function refuseBusy(stream: Duplex): void {
  const seconds = retryAfter.least + Math.floor(Math.random() * retryAfter.spread);
  refuseUpgrade(stream, 503, 'The server is busy', [`Retry-After: ${seconds}`]);
}

function shortened(origin: string | undefined): string {
  return JSON.stringify((origin ?? '').slice(0, 100));
}
