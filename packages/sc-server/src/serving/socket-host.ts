import type { Logger } from '../log/logger.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Topics } from '../exchange/topics.js';
import type { TokenAuthority } from './auth/tokens.js';
import type { CodecChoice } from './codec-choice.js';
import type { FanOut } from './fan-out.js';
import type { Heartbeat } from './heartbeat.js';
import type { InboundRate } from './inbound-rate.js';
import type { MiddlewareLines } from './middleware.js';
import type { ResolvedServerOptions } from './options.js';
import type { SocketCore } from './socket-core.js';
import type { TurnQueue } from './turn-queue.js';

/** What all sockets of one server share. */
export interface SocketHost {
  readonly options: ResolvedServerOptions;
  readonly codecs: CodecChoice;
  readonly logger: Logger;
  readonly middleware: MiddlewareLines;
  readonly tokens: TokenAuthority;
  readonly exchange: Exchange;
  readonly topics: Topics;
  readonly fanOut: FanOut;
  readonly heartbeat: Heartbeat;
  readonly inboundRate: InboundRate;
  readonly turn: TurnQueue;
  /** The handshake is done: the socket is ready for the application. */
  opened(core: SocketCore): void;
  closed(core: SocketCore, code: number, reason: string): void;
}
