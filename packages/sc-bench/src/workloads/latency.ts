import { interleave } from '../measure/interleave.js';
import { apart, measureTraffic, withBout } from '../measure/round.js';
import { reference, singleProcessPeers } from '../peers/index.js';
import type { Peer } from '../peers/peer.js';
import { fanOutPlan, payload } from './plans.js';
import type { BenchContext, Outcome, Workload } from './workload.js';

const subscribers = 1000;
const name = 'latency-fan-out-1000';
const title = 'Fan-out to 1,000 on a schedule, at half of the rate that socket.io can keep up';

/** Delivery latency at a rate below the server's limit. The rate is the same for all servers. */
const latency: Workload = {
  name,
  title,
  async run(context) {
    const peers = singleProcessPeers(context);
    const slowest = peers.find((peer) => peer.name === 'socket.io');
    const calibration = slowest && (await bout(context, slowest, 0));
    if (calibration === undefined || 'problem' in calibration) {
      throw new Error(`The rate could not be found: ${calibration?.problem ?? 'no peer to find it with'}`);
    }
    const publicationsPerSecond = (calibration.sample.perSecond ?? 0) / subscribers / 2;
    context.log(`  ${Math.round(publicationsPerSecond)} publications a second`);
    const outcomes = await interleave(context, peers, (peer) =>
      bout(context, peer, Math.round(1_000_000 / publicationsPerSecond)),
    );
    const notes = [`The rate was ${Math.round(publicationsPerSecond)} publications a second.`];
    return { name, title, unit: 'delivery', reference: reference.name, peers: outcomes, notes };
  },
};

function bout(context: BenchContext, peer: Peer, intervalUs: number): Promise<Outcome> {
  return withBout(
    context,
    peer,
    apart,
    {},
    ([port = 0]) => fanOutPlan(context, peer, [port], subscribers, 16, { intervalUs }),
    (running) => measureTraffic(running, payload),
  );
}

export const latencyWorkloads: readonly Workload[] = [latency];
