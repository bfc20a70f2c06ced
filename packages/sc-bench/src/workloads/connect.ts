import { interleave } from '../measure/interleave.js';
import { apart, measureConnects, withBout } from '../measure/round.js';
import { reference, singleProcessPeers } from '../peers/index.js';
import { idlePlan } from './plans.js';
import type { Workload } from './workload.js';

/** Opens connections as fast as the server accepts them, then measures their memory while they are idle. */
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
          (bout) => measureConnects(bout, count),
        ),
      );
      return { name, title, unit: 'connection', reference: reference.name, peers };
    },
  };
}

export const connectWorkloads: readonly Workload[] = [connect(1000), connect(10_000)];
