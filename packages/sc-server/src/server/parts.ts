import type { Exchange } from '../channels/exchange.js';
import type { Feeds } from '../channels/feeds.js';
import type { CodecChoice } from '../channels/codec-choice.js';
import type { Encodings } from '../channels/encoding.js';
import type { FanOut } from '../channels/fan-out.js';
import type { PublishOutLine } from '../channels/publish-out-line.js';
import type { RecentOrders } from '../channels/recent-orders.js';
import type { StreamReads } from '../channels/stream-reads.js';
import type { SwitchableAuthority } from '../auth/authority.js';
import type { TokenExpiry } from '../auth/token-expiry.js';
import type { OriginCheck } from '../http/origins.js';
import type { FrameRules } from '../limits/frame-rules.js';
import type { InboundRate } from '../limits/inbound-rate.js';
import type { LimitHits } from '../limits/limit-hits.js';
import type { SubscribeRate } from '../limits/subscribe-rate.js';
import type { ClientLog } from '../log/client-log.js';
import type { Logger } from '../log/logger.js';
import type { ServerCounters } from '../metrics/server-counters.js';
import type { MiddlewareLines } from '../middleware/run.js';
import type { Presences } from '../presence/presences.js';
import type { Sessions } from '../sessions/sessions.js';
import type { Heartbeat } from '../socket/heartbeat.js';
import type { Users } from '../socket/users.js';
import type { StagedLimits } from '../websocket/transport-host.js';
import type { TransportHost } from '../websocket/transport.js';
import type { ResolvedServerOptions } from './options.js';

/** Parts for the identity of clients. */
export interface AuthParts {
  readonly tokens: SwitchableAuthority;
  readonly expiry: TokenExpiry;
  readonly users: Users;
  readonly origins: OriginCheck;
}

/** Parts about channels and delivery to sockets. */
export interface ChannelParts {
  readonly exchange: Exchange;
  readonly feeds: Feeds;
  readonly fanOut: FanOut;
  /** The members of channels. */
  readonly presences: Presences;
  readonly publishOut: PublishOutLine;
  /** Reads the history of channels for reconnecting clients. */
  readonly streamReads: StreamReads;
}

/** Parts that limit what a client may send or request. */
export interface LimitParts {
  readonly hits: LimitHits;
  readonly inboundRate: InboundRate;
  readonly subscribeRate: SubscribeRate;
  readonly frames: FrameRules;
  readonly sizes: StagedLimits;
}

export interface CodecParts {
  readonly choice: CodecChoice;
  readonly encodings: Encodings;
}

/** Everything that the sockets of one server share, grouped. Code takes only the group that it uses. */
export interface ServerParts {
  readonly options: ResolvedServerOptions;
  readonly logger: Logger;
  readonly clientLog: ClientLog;
  /** Counters for the metrics. */
  readonly counters: ServerCounters;
  readonly auth: AuthParts;
  readonly channels: ChannelParts;
  readonly codecs: CodecParts;
  readonly heartbeat: Heartbeat;
  readonly limits: LimitParts;
  readonly middleware: MiddlewareLines;
  readonly recentOrders: RecentOrders;
  /** Only if sessions are enabled. */
  readonly sessions: Sessions | undefined;
  readonly transport: TransportHost;
}
