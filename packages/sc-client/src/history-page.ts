import type { HistoryAck } from 'sc-protocol';
import type { ChannelHistory } from 'sc-channel';

/** Converts the response to `#history` for the application. */
export function historyPage(answer: unknown): ChannelHistory {
  // A malformed response throws here, and the caller gets that error.
  const { epoch, top, publications, recovered, reason, hasMore } = answer as HistoryAck;
  return {
    publications: publications.map(([offset, at, data]) => ({ offset, at, data })),
    position: { epoch, offset: top },
    recovered,
    reason,
    hasMore,
  };
}
