import { Backlog } from './backlog.js';
import type { LimitHits } from '../limits/limit-hits.js';
import type { Traffic } from '../limits/traffic.js';
import type { ResolvedServerOptions } from '../server/options.js';
import type { TurnQueue } from './turn-queue.js';
import type { FrameLimits } from './frame-reader.js';
import type { TransportHost } from './transport.js';
import { UnfinishedMessages } from './late-messages.js';

/** The frame limits of a client, before and after its handshake. */
export interface StagedLimits {
  readonly beforeHandshake: FrameLimits;
  readonly afterHandshake: FrameLimits;
}

export function createTransportHost(
  options: ResolvedServerOptions,
  turn: TurnQueue,
  limitHits: LimitHits,
  traffic: Traffic,
): TransportHost {
  return {
    turn,
    backlog: new Backlog(options.maxPendingBytesOfAll),
    maxPendingBytes: options.maxPendingBytes,
    maxVolatilePendingBytes: options.maxVolatilePendingBytes,
    onVolatileDropped: (frames) => limitHits.hit('volatilePendingBytes', frames),
    unfinished: new UnfinishedMessages(options.messageTimeout),
    traffic,
  };
}

export function frameLimitsOf({
  maxPayloadBytes,
  maxHandshakeBytes,
  maxFragments,
}: ResolvedServerOptions): StagedLimits {
  return {
    beforeHandshake: { maxPayloadBytes: Math.min(maxPayloadBytes, maxHandshakeBytes), maxFragments },
    afterHandshake: { maxPayloadBytes, maxFragments },
  };
}
