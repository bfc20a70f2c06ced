import { microWorkloads } from '../micro/protocol.js';
import { clusterWorkloads } from './cluster.js';
import { connectWorkloads } from './connect.js';
import { growthWorkloads } from './growth.js';
import { keptAwake } from './kept-awake.js';
import { latencyWorkloads } from './latency.js';
import { singleWorkloads } from './single.js';
import { storeWorkloads } from './store.js';
import { tlsWorkloads } from './tls.js';
import type { Workload } from './workload.js';

/** All workloads, in the order in which they run. */
export const workloads: readonly Workload[] = [
  ...singleWorkloads,
  ...connectWorkloads,
  ...clusterWorkloads.map(keptAwake),
  ...tlsWorkloads,
  ...storeWorkloads.map(keptAwake),
  ...latencyWorkloads,
  ...growthWorkloads,
  ...microWorkloads,
];
