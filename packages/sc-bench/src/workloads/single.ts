import { interleave } from '../measure/interleave.js';
import { apart, measureTraffic, withBout } from '../measure/round.js';
import type { LoadPlan } from '../load/plan.js';
import { reference, singleProcessPeers } from '../peers/index.js';
import type { Peer } from '../peers/peer.js';
import { echoPlan, fanOutPlan, manyChannelsPlan, payload } from './plans.js';
import type { BenchContext, Workload } from './workload.js';

type PlanOf = (context: BenchContext, peer: Peer, port: number) => LoadPlan;

/** Measures traffic of single-process servers, each pinned to its own core. */
function traffic(name: string, title: string, unit: string, plan: PlanOf): Workload {
  return {
    name,
    title,
    async run(context) {
      const peers = await interleave(context, singleProcessPeers(context), (peer) =>
        withBout(
          context,
          peer,
          apart,
          {},
          ([port = 0]) => plan(context, peer, port),
          (bout) => measureTraffic(bout, payload),
        ),
      );
      return { name, title, unit, reference: reference.name, peers };
    },
  };
}

function echo(depth: number): Workload {
  return traffic(
    `echo-${depth}`,
    `Call and answer, 100 sockets, ${depth} in flight on each`,
    'echo',
    (context, peer, port) => echoPlan(context, peer, port, 100, depth),
  );
}

function fanOut(subscribers: number, depth: number): Workload {
  return traffic(
    `fan-out-${subscribers}-${depth}`,
    `Fan-out to ${subscribers.toLocaleString('en')} subscribers, ${depth} in flight`,
    'delivery',
    (context, peer, port) => fanOutPlan(context, peer, [port], subscribers, depth),
  );
}

const manyChannels = traffic(
  'many-channels',
  '1,000 clients, 1,000 channels with 10 subscribers each, 100 in flight',
  'delivery',
  (context, peer, port) =>
    manyChannelsPlan(context, peer, port, { clients: 1000, channels: 1000, subscribers: 10, depth: 100 }),
);

/** Workloads of one server process. */
export const singleWorkloads: readonly Workload[] = [
  fanOut(1000, 1),
  fanOut(1000, 16),
  fanOut(5000, 1),
  fanOut(5000, 16),
  fanOut(10, 1),
  fanOut(10, 16),
  manyChannels,
  echo(1),
  echo(16),
];
