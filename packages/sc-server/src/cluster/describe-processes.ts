import type { PoolMember } from 'sc-worker-pool';
import type { ClusterStatus, ProcessStatus } from './cluster-events.js';
import type { BalancerProcesses } from './delivery/proxy.js';
import type { LoadTable } from './metrics/load-table.js';
import type { Pools } from './pools/pools.js';

/** The processes of a cluster, as its status shows them. */
export function describeProcesses(
  { workers, stores }: Pools,
  balancers: BalancerProcesses | undefined,
  load: LoadTable,
): Pick<ClusterStatus, 'workers' | 'stores' | 'balancers'> {
  return {
    workers: workers.members.map((member) => ({
      ...describeMember(member),
      clients: 0,
      overloaded: false,
      storesAway: 0,
      ...load.of(member),
    })),
    stores: stores.members.map((member) => ({ ...describeMember(member), ...load.of(member) })),
    balancers: (balancers?.members ?? []).map((member) => ({ ...describeMember(member), ...load.of(member) })),
  };
}

function describeMember(member: PoolMember<never>): ProcessStatus {
  const { id, pid = 0, state, uptimeMs, silentMs, restarts, heartbeat } = member;
  return {
    id,
    pid,
    state,
    uptimeMs,
    silentMs,
    restarts,
    ...(heartbeat !== undefined && {
      rssBytes: heartbeat.rssBytes,
      lagMs: heartbeat.lagMs,
      utilization: heartbeat.utilization,
    }),
  };
}
