import type { ServerMetrics } from '../metrics/server-metrics.js';
import type { SocketCore } from '../socket/socket-core.js';
import type { Users } from '../socket/users.js';

/** What the process of a worker reports of its server, and shows an operator. */
export interface ServerInside {
  readonly metrics: ServerMetrics;
  /** The sockets that are open, or in their handshake. */
  readonly cores: Iterable<SocketCore>;
  readonly users: Users;
}
