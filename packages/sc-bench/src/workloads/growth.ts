import { LoadGenerator } from '../load/load-generator.js';
import type { LoadPlan } from '../load/plan.js';
import { interleave } from '../measure/interleave.js';
import { apart, measureTraffic, withBout } from '../measure/round.js';
import { ourPeer } from '../peers/index.js';
import { fanOutPlan, idlePlan, payload } from './plans.js';
import type { BenchContext, Outcome, Workload } from './workload.js';

/** Measures one server at several sizes. The sizes are the peers of the workload, the smallest one is the reference. */
function growth(
  name: string,
  title: string,
  unit: string,
  sizes: readonly number[],
  nameOf: (size: number) => string,
  measure: (context: BenchContext, size: number) => Promise<Outcome>,
): Workload {
  return {
    name,
    title,
    async run(context) {
      const points = sizes.map((size) => ({ ...ourPeer, name: `sc-server-${size}`, title: nameOf(size), size }));
      const peers = await interleave(context, points, ({ size }) => measure(context, size));
      return { name, title, unit, reference: points[0]?.name ?? '', peers };
    },
  };
}

const count = (size: number) => size.toLocaleString('en');

const subscribers = growth(
  'growth-subscribers',
  'A delivery as a channel gets more subscribers, 1 in flight',
  'delivery',
  [100, 1000, 5000],
  (size) => `${count(size)} subscribers`,
  (context, size) =>
    withBout(
      context,
      ourPeer,
      apart,
      {},
      ([port = 0]) => fanOutPlan(context, ourPeer, [port], size, 1),
      (bout) => measureTraffic(bout, payload),
    ),
);

const warmConnections = 2000;
const newConnections = 1000;

/** Keeps the connections open while `body` runs. */
async function withConnections<Result>(
  context: BenchContext,
  plan: LoadPlan,
  body: (clientBusy: number) => Promise<Result>,
): Promise<Result> {
  const load = new LoadGenerator(context.programs.load, plan, context.scratchDirectory, apart.clientCore);
  try {
    const { seconds, busy } = await load.run('connect');
    return await body(busy / seconds);
  } finally {
    await load.end();
  }
}

const connections = growth(
  'growth-connections',
  `Another ${count(newConnections)} clients connect as more are connected already`,
  'connection',
  [100, 10_000],
  (size) => `${count(size)} connected`,
  (context, size) =>
    withBout(
      context,
      ourPeer,
      apart,
      {},
      // The first generator warms up the server and ends before the measurement.
      ([port = 0]) => idlePlan(context, ourPeer, port, warmConnections),
      async ({ server, load }) => {
        await load.run('connect');
        await load.end();
        const [port = 0] = server.ports;
        return withConnections(context, idlePlan(context, ourPeer, port, size), async () => {
          const before = server.cpuTimeNs();
          return withConnections(context, idlePlan(context, ourPeer, port, newConnections), (clientBusy) =>
            Promise.resolve({
              sample: { cpuUs: (server.cpuTimeNs() - before) / 1000 / newConnections, clientBusy },
            }),
          );
        });
      },
    ),
);

const channelsPerClient = 100;

/** Clients subscribed to channels without publications. */
function quietPlan(context: BenchContext, port: number, channels: number): LoadPlan {
  const clients = Math.ceil(channels / channelsPerClient);
  const plan = idlePlan(context, ourPeer, port, clients);
  return {
    ...plan,
    connections: plan.connections.map(({ steps }, client) => ({
      port,
      steps: [
        ...steps,
        ...Array.from({ length: Math.min(channelsPerClient, channels) }, (_, i) =>
          ourPeer.subscribe(`quiet${client * channelsPerClient + i}`, 2 + i),
        ),
      ],
    })),
  };
}

const channels = growth(
  'growth-channels',
  'A delivery to 10 subscribers, 16 in flight, as there are more other channels',
  'delivery',
  [10, 100_000],
  (size) => `${count(size)} other channels`,
  (context, size) =>
    withBout(
      context,
      ourPeer,
      apart,
      {},
      ([port = 0]) => fanOutPlan(context, ourPeer, [port], 10, 16),
      async (bout) => {
        const [port = 0] = bout.server.ports;
        return withConnections(context, quietPlan(context, port, size), () => measureTraffic(bout, payload));
      },
    ),
);

/** Tests that the cost grows only with the number of deliveries and connections. */
export const growthWorkloads: readonly Workload[] = [subscribers, connections, channels];
