import type { HistoryAck } from 'sc-protocol';
import type { ChannelHistory } from 'sc-channel';

/** The answer to `#history` as the application gets it. */
export function historyPage(answer: unknown): ChannelHistory {
  // A server that says anything else is reported by what fails here.
  const { epoch, top, publications, recovered, reason, hasMore } = answer as HistoryAck;
  return {
    publications: publications.map(([offset, at, data]) => ({ offset, at, data })),
    position: { epoch, offset: top },
    recovered,
    reason,
    hasMore,
  };
}
