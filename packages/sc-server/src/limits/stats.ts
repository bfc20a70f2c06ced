import type { LossReport } from '../channels/loss-report.js';
import type { ServerParts } from '../server/parts.js';
import type { LimitName } from './limit-hits.js';

/** Current state of one server, and its counters since it was created. */
export interface ServerStats {
  /** Clients from their `connection` to their `disconnection`. */
  readonly clients: number;
  /** WebSockets whose handshake is not done yet. */
  readonly connecting: number;
  /** Channels that have subscribers in this process. */
  readonly channels: number;
  /** Whether new connections are refused because the process is too busy. */
  readonly overloaded: boolean;
  /** Frames that clients sent, without pongs. */
  readonly framesReceived: number;
  /** Frames sent to clients. Publications that leave joined count each. */
  readonly framesSent: number;
  /** Publications that did not reach this process from its stores. */
  readonly lostPublications: number;
  /** Times that a channel may have lost publications, and their number is unknown: a store that kept none has ended. */
  readonly unknownGaps: number;
  /** How often clients ran into each limit. */
  readonly limitHits: Readonly<Record<LimitName, number>>;
}

export function statsOf(
  { channels, counters, limits }: Pick<ServerParts, 'channels' | 'counters' | 'limits'>,
  losses: Pick<LossReport, 'publications' | 'unknownGaps'>,
  clients: Pick<ServerStats, 'clients' | 'connecting' | 'overloaded'>,
): ServerStats {
  return {
    ...clients,
    channels: channels.fanOut.size,
    framesReceived: counters.framesReceived,
    framesSent: counters.framesSent,
    lostPublications: losses.publications,
    unknownGaps: losses.unknownGaps,
    limitHits: limits.hits.snapshot(),
  };
}
