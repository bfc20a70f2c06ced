import { interleave } from '../measure/interleave.js';
import { measureTraffic, withBout } from '../measure/round.js';
import { clusterPeers } from '../peers/index.js';
import { fanOutPlan, payload } from './plans.js';
import type { Workload } from './workload.js';

const [base] = clusterPeers();

/**
 * A publication crosses three processes, each of which needs time for JIT compilation: in the first two seconds a
 * publication costs 1.5 times as much.
 */
const warmRuns = 3;

/**
 * Two workers: the publisher is connected to one and its subscribers to the other. Several processes share the cores,
 * so the client sleeps instead of busy-waiting.
 */
function apartFanOut(subscribers: number, depth: number): Workload {
  const name = `cluster-fan-out-${subscribers}-${depth}`;
  const title = `2 workers, publisher and ${subscribers.toLocaleString('en')} subscribers apart, ${depth} in flight`;
  return {
    name,
    title,
    async run(context) {
      const peers = await interleave(context, clusterPeers(context), (peer) =>
        withBout(
          context,
          peer,
          {},
          {},
          ([one = 0, other = 0]) =>
            fanOutPlan(context, peer, [one, other], subscribers, depth, { spins: false, warmRuns }),
          (bout) => measureTraffic(bout, payload),
        ),
      );
      return { name, title, unit: 'delivery', reference: base?.name ?? '', peers };
    },
  };
}

export const clusterWorkloads: readonly Workload[] = [
  apartFanOut(1000, 1),
  apartFanOut(1000, 16),
  apartFanOut(10, 1),
  apartFanOut(10, 16),
];
