import type { PoolMember } from 'sc-worker-pool';
import type {
  BalancerStatus,
  ClusterStatus,
  ProcessStatus,
  SharedStoreStatus,
  StoreStatus,
  WorkerStatus,
} from './cluster-events.js';
import type { BalancerProcesses } from './delivery/proxy.js';
import { storeName, type SharedStores } from './options/shared-stores.js';
import type { LoadTable, MeasuredLoad } from './metrics/load-table.js';
import type { Pools } from './pools/pools.js';

/** Describes the processes of a cluster for its status. */
export function describeProcesses(
  { workers, stores }: Pools,
  balancers: BalancerProcesses | undefined,
  load: LoadTable,
  shared: SharedStores | undefined,
): Pick<ClusterStatus, 'workers' | 'stores' | 'sharedStores' | 'balancers'> {
  const workerStatus = workers.members.map((member) => ({
    ...describeMember(member),
    clients: 0,
    overloaded: false,
    storesAway: 0,
    ...measured<WorkerStatus>(load, member),
  }));
  return {
    workers: workerStatus,
    sharedStores: describeSharedStores(shared, workerStatus),
    stores: stores.members.map((member) => ({ ...describeMember(member), ...measured<StoreStatus>(load, member) })),
    balancers: (balancers?.members ?? []).map((member) => ({
      ...describeMember(member),
      ...measured<BalancerStatus>(load, member),
    })),
  };
}

/** Derives the state of the shared stores from the reports of the ready workers. */
function describeSharedStores(
  shared: SharedStores | undefined,
  workers: readonly WorkerStatus[],
): readonly SharedStoreStatus[] {
  const reports = workers.filter(({ state, awayStores }) => state === 'ready' && awayStores !== undefined);
  return (shared?.addresses ?? []).map((one) => {
    const address = storeName(one);
    const awayFrom = reports.filter(({ awayStores }) => awayStores?.includes(address)).map(({ id }) => id);
    const known = awayFrom.length > 0 ? ('away' as const) : ('ready' as const);
    return { address, state: reports.length === 0 ? 'unknown' : known, awayFrom };
  });
}

/**
 * Returns the load of a process. Each role reports counts of its own limits, which the types of the table do not
 * distinguish.
 */
function measured<Status extends ProcessStatus & { readonly limitHits?: object }>(
  load: LoadTable,
  member: object,
): Omit<MeasuredLoad, 'limitHits'> & Pick<Status, 'limitHits'> {
  return load.of(member);
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
