import type { LossReport } from '../channels/loss-report.js';
import type { ServerParts } from '../server/parts.js';
import type { LimitName } from './limit-hits.js';

/** Current state of one server, and its counters since it was created. */
export interface ServerStats {
  /** Number of clients between their `connection` and `disconnection` events. */
  readonly clients: number;
  /** WebSockets whose handshake is not complete. */
  readonly connecting: number;
  /** Channels that have subscribers in this process. */
  readonly channels: number;
  /** Whether new connections are refused because of overload. */
  readonly overloaded: boolean;
  /** Frames received from clients, without pongs. */
  readonly framesReceived: number;
  /** Frames sent to clients. Joined publications count individually. */
  readonly framesSent: number;
  /** Publications that did not reach this process from its stores. */
  readonly lostPublications: number;
  /**
   * Number of times that a channel may have lost an unknown number of publications, because a store without their
   * history ended.
   */
  readonly unknownGaps: number;
  /** Number of times that clients exceeded each limit. */
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
