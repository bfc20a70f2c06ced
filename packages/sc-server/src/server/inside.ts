import type { ServerMetrics } from '../metrics/server-metrics.js';
import type { SocketCore } from '../socket/socket-core.js';
import type { ServerParts } from './parts.js';

/** A worker process's access to its server, for its reports and for operators. */
export interface ServerInside {
  readonly metrics: ServerMetrics;
  /** The sockets that are open or in their handshake. */
  readonly cores: Iterable<SocketCore>;
  readonly parts: ServerParts;
}
