import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Codec } from 'sc-protocol';
import type { CodecChoice } from '../channels/codec-choice.js';
import type { LimitHits } from '../limits/limit-hits.js';
import type { UpgradeRefusal } from '../log/client-log.js';
import type { RefusalRule } from '../metrics/server-counters.js';
import type { MiddlewareLines } from '../middleware/run.js';
import type { ResolvedServerOptions } from '../server/options.js';
import { TokenBucket } from '../limits/token-bucket.js';
import { acceptUpgrade, type UpgradeAnswer } from './accept-upgrade.js';
import { originOf, type OriginCheck } from './origins.js';
import { refuseUpgrade } from './refuse-upgrade.js';
import { UpgradeRouter } from './upgrade-router.js';

/** Takes over a stream whose upgrade was answered with 101. `subprotocol` is the negotiated one, or ''. */
export type AcceptUpgrade = (stream: Duplex, request: IncomingMessage, subprotocol: string) => void;

export interface UpgradeSetting {
  readonly httpServer: HttpServer;
  readonly options: ResolvedServerOptions;
  readonly origins: OriginCheck;
  readonly codecs: CodecChoice;
  readonly middleware: MiddlewareLines;
  readonly limitHits: LimitHits;
  /** Whether this process currently sheds load. */
  readonly isOverloaded: () => boolean;
  /** Called with every request that may become a socket, before the middleware. */
  readonly prepare: (request: IncomingMessage) => void;
  /** Headers for the response to an upgrade. */
  readonly headersOf: (request: IncomingMessage) => readonly string[];
  readonly accept: AcceptUpgrade;
  /** Called for a refused upgrade, with the status and the rule. */
  readonly onRefused: (request: IncomingMessage, refusal: UpgradeRefusal) => void;
  /** Called for a client that offers only unknown subprotocols. It gets none, and will close the connection. */
  readonly onUnknownSubprotocol: (offered: readonly string[]) => void;
}

/** The upgrades of one server. */
export interface Upgrades {
  /**
   * Refuses all upgrades with 503 from now on, including those that wait for middleware, so that clients connect to
   * another worker.
   */
  stop(): void;
  /** Releases the path and destroys upgraded connections that did not become sockets. */
  end(): void;
}

/** `Retry-After` of clients refused because of load, in seconds; randomized so that they do not all return at once. */
const retryAfter = { least: 1, spread: 5 };
/** Burst of new connections, in seconds of the rate. */
const burstSeconds = 5;

/**
 * Accepts HTTP upgrades on the server's path as WebSockets. Checks path, load and origin, then runs the middleware line
 * `handshake`. Throws `InvalidOptionsError` if another server of the same HTTP server has the path.
 */
export function serveUpgrades(setting: UpgradeSetting): Upgrades {
  const { httpServer, options, origins, codecs, middleware, limitHits, isOverloaded, accept } = setting;
  const answer: UpgradeAnswer = {
    chooseSubprotocol: (offered) => {
      const chosen = chooseSubprotocol(offered, codecs.offered);
      if (chosen === '' && offered.size > 0) setting.onUnknownSubprotocol([...offered]);
      return chosen;
    },
    headersOf: setting.headersOf,
    onRefused: (request, status, reason) => setting.onRefused(request, { status, rule: 'badRequest', reason }),
  };
  const newConnections = new TokenBucket(options.connectionRate, options.connectionRate * burstSeconds);
  const router = UpgradeRouter.of(httpServer);
  let isStopped = false;
  let hasEnded = false;

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const unwatch = router.watch(stream);
    const refuse = (rule: RefusalRule, status: number, reason: string) => {
      refuseUpgrade(stream, status, reason);
      setting.onRefused(request, { status, rule, reason });
    };
    const refuseBusy = (rule: RefusalRule, reason: string) => {
      const seconds = retryAfter.least + Math.floor(Math.random() * retryAfter.spread);
      refuseUpgrade(stream, 503, 'The server is busy', [`Retry-After: ${seconds}`]);
      setting.onRefused(request, { status: 503, rule, reason });
    };
    const proceed = () => {
      if (stream.destroyed) return;
      if (isStopped) {
        refuseBusy('closing', 'The server closes');
        return;
      }
      const subprotocol = acceptUpgrade(request, stream, head, answer);
      if (subprotocol === undefined) return;
      unwatch();
      accept(stream, request, subprotocol);
    };
    if (isStopped) {
      refuseBusy('closing', 'The server closes');
    } else if (isOverloaded()) {
      limitHits.hit('loadShedding');
      refuseBusy('overload', 'The process is overloaded (`maxEventLoopLag`, `maxHeapPercent`)');
    } else if (!newConnections.take(1)) {
      limitHits.hit('connectionRate');
      refuseBusy('connectionRate', `More than ${options.connectionRate} new connections a second (\`connectionRate\`)`);
    } else if (originOf(request) === undefined && !options.allowNoOrigin) {
      refuse('allowNoOrigin', 403, 'A request without an origin is not allowed');
    } else if (!origins.allows(request)) {
      refuse('origins', 403, `The origin ${shortened(originOf(request))} is not allowed`);
    } else if (!middleware.has('handshake')) {
      setting.prepare(request);
      proceed();
    } else {
      setting.prepare(request);
      middleware.run({ line: 'handshake', request }).then(proceed, (error: unknown) => {
        refuse('handshake', statusOf(error as Error), (error as Error).message);
      });
    }
  };
  router.claim(options.path, onUpgrade);
  return {
    stop() {
      isStopped = true;
    },
    end() {
      if (hasEnded) return;
      hasEnded = true;
      router.release(options.path);
      router.cut();
    },
  };
}

/** The status that the application chose as `statusCode` of the thrown value; 401 by default. */
function statusOf({ cause }: Error): number {
  const statusCode = statusCodeOf(cause);
  return typeof statusCode === 'number' && Number.isInteger(statusCode) && statusCode >= 400 && statusCode <= 599
    ? statusCode
    : 401;
}

function statusCodeOf(reason: unknown): unknown {
  try {
    return (Object(reason) as { statusCode?: unknown }).statusCode;
  } catch {
    return undefined; // A getter of the application throws.
  }
}

function chooseSubprotocol(offered: ReadonlySet<string>, codecs: readonly Codec[]): string {
  return codecs.find(({ subprotocol }) => subprotocol !== undefined && offered.has(subprotocol))?.subprotocol ?? '';
}

function shortened(origin: string | undefined): string {
  return JSON.stringify((origin ?? '').slice(0, 100));
}
