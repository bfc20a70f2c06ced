import { HandOffListener } from 'sc-balancer';
import { createLimitedWarning } from '../../log/limited-warning.js';
import type { Logger } from '../../log/logger.js';
import type { ClusterStatus } from '../cluster-events.js';
import { RefusalCounts, supervisorLimits } from '../metrics/refusal-counts.js';
import type { ResolvedClusterOptions } from '../options/resolved-options.js';

/** The listener of the public port, with its counts. */
export interface PublicListener {
  readonly listener: HandOffListener;
  status(): Omit<ClusterStatus['supervisor'], 'pid'>;
}

/** Creates the listener of the public port, and counts the connections that it refuses. */
export function createPublicListener(options: ResolvedClusterOptions, logger: Logger): PublicListener {
  const refusals = new RefusalCounts(supervisorLimits);
  const warn = createLimitedWarning(logger, 'A connection was not accepted');
  const listener = new HandOffListener({
    port: options.port,
    backlog: options.tcpSynBacklog,
    connectsPerSecondPerAddress: options.connectsPerSecondPerAddress,
    // Balancers limit the addresses behind these.
    uncountedPeers: options.trustedPeers,
    onWarning(error) {
      refusals.count(error);
      warn(error);
    },
    ...(options.host !== undefined && { host: options.host }),
  });
  return {
    listener,
    status: () => ({ accepted: listener.status().accepted, limitHits: refusals.snapshot() }),
  };
}
