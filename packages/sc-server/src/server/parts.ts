import type { Exchange } from '../channels/exchange.js';
import type { Feeds } from '../channels/feeds.js';
import type { Logger } from '../log/logger.js';
import type { RefusalLog } from '../auth/refusal-log.js';
import type { TokenExpiry } from '../auth/token-expiry.js';
import type { SwitchableAuthority } from '../auth/authority.js';
import type { Users } from '../socket/users.js';
import type { CodecChoice } from '../channels/codec-choice.js';
import type { Encodings } from '../channels/encoding.js';
import type { FanOut } from '../channels/fan-out.js';
import type { FrameRules } from '../limits/frame-rules.js';
import type { Heartbeat } from '../socket/heartbeat.js';
import type { InboundRate } from '../limits/inbound-rate.js';
import type { LimitHits } from '../limits/limit-hits.js';
import type { MiddlewareLines } from '../middleware/run.js';
import type { ResolvedServerOptions } from './options.js';
import type { OriginCheck } from '../http/origins.js';
import type { Sessions } from '../sessions/sessions.js';
import type { SocketCore } from '../socket/socket-core.js';
import type { SubscribeRate } from '../limits/subscribe-rate.js';
import type { StagedLimits } from '../websocket/transport-host.js';
import type { TransportHost } from '../websocket/transport.js';

/** What all sockets of one server share. */
export interface SocketHost {
  readonly options: ResolvedServerOptions;
  readonly codecs: CodecChoice;
  readonly encodings: Encodings;
  readonly logger: Logger;
  readonly middleware: MiddlewareLines;
  readonly origins: OriginCheck;
  readonly tokens: SwitchableAuthority;
  readonly logRefusal: RefusalLog;
  readonly tokenExpiry: TokenExpiry;
  readonly users: Users;
  /** Only when sessions are on. */
  readonly sessions: Sessions | undefined;
  readonly exchange: Exchange;
  readonly topics: Feeds;
  readonly fanOut: FanOut;
  readonly heartbeat: Heartbeat;
  readonly inboundRate: InboundRate;
  readonly subscribeRate: SubscribeRate;
  readonly limitHits: LimitHits;
  readonly frameLimits: StagedLimits;
  readonly frameRules: FrameRules;
  readonly transportHost: TransportHost;
  /** The handshake is done: the socket is ready for the application, which may take its time to set handlers. */
  opened(core: SocketCore): Promise<void> | undefined;
  closed(core: SocketCore, code: number, reason: string): void;
  badToken(core: SocketCore, error: unknown, signedToken: unknown): void;
}
