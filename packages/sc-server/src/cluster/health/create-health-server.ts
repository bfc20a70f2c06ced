import type { MetricsFormat } from '../../metrics/exposition.js';
import type { ClusterStatus } from '../cluster-events.js';
import type { ResolvedClusterOptions } from '../options/resolved-options.js';
import { HealthServer } from './health-server.js';
import { reasonsNotReady } from './readiness.js';

/** Creates the health server of a cluster with the option `healthPort`. */
export function createHealthServer(
  { healthPort: port, healthHost: host, stores, balancers }: ResolvedClusterOptions,
  metrics: { write(format: MetricsFormat): string },
  status: () => ClusterStatus,
): HealthServer | undefined {
  if (port === undefined) return undefined;
  const reasons = () => reasonsNotReady(status(), { stores, balancers });
  return new HealthServer({ port, host, reasonsNotReady: reasons, metrics: (format) => metrics.write(format) });
}
