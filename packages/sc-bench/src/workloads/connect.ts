import { interleave } from '../measure/interleave.js';
import { apart, withBout } from '../measure/round.js';
import { reference, singleProcessPeers } from '../peers/index.js';
import { idlePlan } from './plans.js';
import type { Workload } from './workload.js';

/** Opens connections as fast as the server takes them, then looks at what they cost while they are idle. */
function connect(count: number): Workload {
  const name = `connect-${count}`;
  const title = `Connect and handshake, then idle: ${count.toLocaleString('en')} clients`;
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
          ([port = 0]) => idlePlan(context, peer, port, count),
          async ({ server, load }) => {
            const emptyBytes = await server.residentBytes();
            const before = server.cpuTimeNs();
            const report = await load.run('connect');
            const cpuNs = server.cpuTimeNs() - before;
            const bytes = await server.residentBytes();
            return {
              sample: {
                cpuUs: cpuNs / 1000 / count,
                perSecond: count / report.seconds,
                bytesPerConnection: (bytes - emptyBytes) / count,
                serverBusy: cpuNs / 1e9 / report.seconds,
                clientBusy: report.busy / report.seconds,
              },
            };
          },
        ),
      );
      return { name, title, unit: 'connection', reference: reference.name, peers };
    },
  };
}

export const connectWorkloads: readonly Workload[] = [connect(1000), connect(10_000)];
