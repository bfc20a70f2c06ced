import { HandOffListener } from 'sc-balancer';
import type { Logger } from '../../log/logger.js';
import type { ClusterStatus } from '../cluster-events.js';
import { maxConnections } from '../children/file-limit.js';
import { RefusalCounts, supervisorLimits } from '../metrics/refusal-counts.js';
import type { ResolvedClusterOptions } from '../options/resolved-options.js';

/** Files of the supervisor itself: ports, the control socket, the log, and files that the application opens. */
const supervisorFiles = 64;
/** Files per child process: its IPC channel and its output. During a reload a worker has a second process. */
const filesOfProcess = 6;

/** The listener of the public port, with its counts. */
export interface PublicListener {
  readonly listener: HandOffListener;
  status(): Omit<ClusterStatus['supervisor'], 'pid'>;
}

/** Creates the listener of the public port, and counts the connections that it refuses. */
export function createPublicListener(options: ResolvedClusterOptions, logger: Logger): PublicListener {
  const refusals = new RefusalCounts(supervisorLimits, logger, 'A connection was not accepted');
  const processes = options.workers + options.stores + options.balancers;
  const listener = new HandOffListener({
    port: options.port,
    backlog: options.tcpSynBacklog,
    connectsPerSecondPerAddress: options.connectsPerSecondPerAddress,
    // Balancers limit the client addresses behind these peers.
    uncountedPeers: options.trustedPeers,
    ...maxConnections({ filesEach: 1, otherFiles: supervisorFiles + processes * filesOfProcess }),
    onWarning: (error) => refusals.take(error),
    ...(options.host !== undefined && { host: options.host }),
  });
  return {
    listener,
    status: () => ({ accepted: listener.status().accepted, limitHits: refusals.snapshot() }),
  };
}
