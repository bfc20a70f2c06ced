import type { ClusterStatus } from '../cluster-events.js';

export type ReadinessView = Pick<ClusterStatus, 'state' | 'workers' | 'stores' | 'sharedStores' | 'balancers'>;

/** How many processes of each kind there should be. */
export interface WantedProcesses {
  readonly stores: number;
  readonly balancers: number;
}

/**
 * Why this host should get no new connections now; nothing when it may. One worker that takes connections is enough,
 * but every store is needed: each owns a share of the channels.
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

/** Names the shared stores that no worker reaches; a cluster's own stores are counted below. */
function unreached({ sharedStores }: ReadinessView, workers: number): string[] {
  const away = sharedStores.filter(({ awayFrom }) => awayFrom.length === workers);
  if (away.length === 0) return ['no worker reaches every store'];
  return away.map(({ address }) => `store ${address} cannot be reached`);
}

function isReady({ state }: { readonly state: string }): boolean {
  return state === 'ready';
}
