import type { ClusterStatus } from '../cluster-events.js';

export type ReadinessView = Pick<ClusterStatus, 'state' | 'workers' | 'stores' | 'sharedStores' | 'balancers'>;

/** Configured number of processes of each kind. */
export interface WantedProcesses {
  readonly stores: number;
  readonly balancers: number;
}

/**
 * Returns the reasons why this host should receive no new connections now; empty if it is ready. One worker that
 * accepts connections is sufficient, but every store is needed: each owns a share of the channels.
 */
export function reasonsNotReady(view: ReadinessView, wanted: WantedProcesses): string[] {
  if (view.state !== 'running') return [`the cluster is ${view.state}`];
  const reasons: string[] = [];
  const workers = view.workers.filter(isReady);
  if (workers.length === 0) reasons.push('no worker is ready');
  else if (workers.every(({ overloaded }) => overloaded)) reasons.push('every worker is overloaded');
  else if (workers.every(({ storesAway }) => storesAway > 0)) reasons.push(...unreached(view, workers.length));
  const away = wanted.stores - view.stores.filter(isReady).length;
  if (away > 0) reasons.push(`${away} of ${wanted.stores} stores away`);
  if (wanted.balancers > 0 && !view.balancers.some(isReady)) reasons.push('no balancer is ready');
  return reasons;
}

/** Returns a reason for each shared store that no worker can reach; the caller counts the cluster's own stores. */
function unreached({ sharedStores }: ReadinessView, workers: number): string[] {
  const away = sharedStores.filter(({ awayFrom }) => awayFrom.length === workers);
  if (away.length === 0) return ['no worker reaches every store'];
  return away.map(({ address }) => `store ${address} cannot be reached`);
}

function isReady({ state }: { readonly state: string }): boolean {
  return state === 'ready';
}
