import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Store } from 'ndata-store';
import { createAuthority } from '../auth/authority.js';
import { TokenExpiry } from '../auth/token-expiry.js';
import type { ChannelDelivery } from '../channels/channel-delivery.js';
import { Encodings } from '../channels/encoding.js';
import { Exchange } from '../channels/exchange.js';
import { FanOut } from '../channels/fan-out.js';
import type { Orders } from '../channels/orders.js';
import { StreamReads } from '../channels/stream-reads.js';
import { createOriginCheck } from '../http/origins.js';
import { createSubprotocolWarning } from '../http/subprotocol-warning.js';
import { FrameRules } from '../limits/frame-rules.js';
import { InboundRate } from '../limits/inbound-rate.js';
import { LimitHits } from '../limits/limit-hits.js';
import { SubscribeRate } from '../limits/subscribe-rate.js';
import { ClientLog } from '../log/client-log.js';
import type { Logger } from '../log/logger.js';
import { ServerCounters } from '../metrics/server-counters.js';
import { MiddlewareLines } from '../middleware/run.js';
import { Presences } from '../presence/presences.js';
import { Sessions } from '../sessions/sessions.js';
import { Heartbeat } from '../socket/heartbeat.js';
import { PublishOut } from '../socket/publish-out.js';
import { Users } from '../socket/users.js';
import { createTransportHost, frameLimitsOf } from '../websocket/transport-host.js';
import { TurnQueue } from '../websocket/turn-queue.js';
import type { ResolvedServerOptions } from './options.js';
import type { ServerParts } from './parts.js';

export interface PartsDeps {
  readonly options: ResolvedServerOptions;
  readonly logger: Logger;
  readonly store: Store;
  readonly delivery: ChannelDelivery;
  readonly orders: Orders;
  /** Called when the last socket of a session in this process has disconnected. */
  readonly onSessionEnd: (sessionId: string) => void;
}

/** Creates the parts that the sockets of one server share. */
export function createServerParts({ options, logger, store, delivery, orders, onSessionEnd }: PartsDeps): ServerParts {
  const hits = new LimitHits();
  const counters = new ServerCounters();
  const turn = new TurnQueue((error) => logger.error('Queued frames could not be sent', { error }));
  const middleware = new MiddlewareLines(options.middlewareTimeout, logger, (line) => (counters.refusals[line] += 1));
  const fanOut = new FanOut(turn, logger);
  const { feeds } = delivery;
  return {
    options,
    logger,
    clientLog: new ClientLog({ logger, options, hits, counters }),
    counters,
    auth: {
      tokens: createAuthority(options, logger, hits),
      expiry: new TokenExpiry(),
      users: new Users(options.userClaim),
      origins: createOriginCheck(options.origins, options.trustProxy),
    },
    channels: {
      exchange: new Exchange(store, feeds, logger),
      feeds,
      fanOut,
      presences: new Presences(store, logger),
      publishOut: new PublishOut({ middleware, fanOut, feeds, logger, maxWaiting: options.maxPublishOutQueue }),
      streamReads: new StreamReads(store, { maxCount: options.recoverLimit, maxBytes: options.maxRecoverBytes }),
    },
    codecs: {
      choice: { engine: options.codecEngine, offered: [...options.codecs] },
      encodings: new Encodings(),
    },
    heartbeat: new Heartbeat(options.pingInterval, options.pingTimeout),
    limits: {
      hits,
      inboundRate: new InboundRate(options.inboundRate),
      subscribeRate: new SubscribeRate(options.subscribeRate, options.socketChannelLimit * 2),
      frames: new FrameRules(options),
      sizes: frameLimitsOf(options),
    },
    middleware,
    recentOrders: orders.recent,
    sessions: options.sessions ? new Sessions({ options, store, orders, logger, onEnd: onSessionEnd }) : undefined,
    transport: createTransportHost(options, turn, hits, counters),
  };
}

/** Stops all timers of the parts. */
export function stopServerParts({
  channels,
  clientLog,
  heartbeat,
  limits,
  auth,
  transport,
  sessions,
}: ServerParts): void {
  heartbeat.stop();
  channels.presences.stop();
  limits.inboundRate.stop();
  auth.expiry.stop();
  transport.backlog.stop();
  transport.unfinished.stop();
  sessions?.stop();
  clientLog.stop();
}

/** The parts that upgrades use. Without sessions, the session callbacks do nothing. */
export function upgradeParts(
  { options, auth, codecs, middleware, limits, sessions, logger }: ServerParts,
  httpServer: HttpServer,
) {
  return {
    httpServer,
    options,
    origins: auth.origins,
    codecs: codecs.choice,
    middleware,
    limitHits: limits.hits,
    onUnknownSubprotocol: createSubprotocolWarning(logger),
    prepare: (request: IncomingMessage) => sessions?.prepare(request),
    headersOf: (request: IncomingMessage) => sessions?.headersOf(request) ?? [],
  };
}
