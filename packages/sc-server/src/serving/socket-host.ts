import type { Exchange } from '../exchange/exchange.js';
import type { Topics } from '../exchange/topics.js';
import type { Logger } from '../log/logger.js';
import type { TokenExpiry } from './auth/token-expiry.js';
import type { SwitchableAuthority } from './auth/switchable-authority.js';
import type { Users } from './auth/users.js';
import type { CodecChoice } from './codec-choice.js';
import type { Encodings } from './encoding.js';
import type { FanOut } from './fan-out.js';
import type { FrameRules } from './frame-rules.js';
import type { Heartbeat } from './heartbeat.js';
import type { InboundRate } from './inbound-rate.js';
import type { LimitHits } from './limit-hits.js';
import type { MiddlewareLines } from './middleware.js';
import type { ResolvedServerOptions } from './options.js';
import type { Sessions } from './sessions/sessions.js';
import type { SocketCore } from './socket-core.js';
import type { SubscribeRate } from './subscribe-rate.js';
import type { StagedLimits } from './transport-host.js';
import type { TransportHost } from './websocket/transport.js';

/** What all sockets of one server share. */
export interface SocketHost {
  readonly options: ResolvedServerOptions;
  readonly codecs: CodecChoice;
  readonly encodings: Encodings;
  readonly logger: Logger;
  readonly middleware: MiddlewareLines;
  readonly tokens: SwitchableAuthority;
  readonly tokenExpiry: TokenExpiry;
  readonly users: Users;
  /** Only when sessions are on. */
  readonly sessions: Sessions | undefined;
  readonly exchange: Exchange;
  readonly topics: Topics;
  readonly fanOut: FanOut;
  readonly heartbeat: Heartbeat;
  readonly inboundRate: InboundRate;
  readonly subscribeRate: SubscribeRate;
  readonly limitHits: LimitHits;
  readonly frameLimits: StagedLimits;
  readonly frameRules: FrameRules;
  readonly transportHost: TransportHost;
  /** The handshake is done: the socket is ready for the application. */
  opened(core: SocketCore): void;
  closed(core: SocketCore, code: number, reason: string): void;
  badToken(core: SocketCore, error: unknown, signedToken: unknown): void;
}
