import type { BenchContext, Outcome, PeerOutcomes } from '../workloads/workload.js';

/** Measures the peers alternately (A B A B), so that other activity of the machine affects all of them. */
export async function interleave<Contender extends { readonly name: string; readonly title: string }>(
  context: BenchContext,
  peers: readonly Contender[],
  measure: (peer: Contender) => Promise<Outcome>,
): Promise<PeerOutcomes[]> {
  const wanted = peers.filter(({ name }) => context.peers.length === 0 || context.peers.includes(name));
  const table = wanted.map((peer) => ({ peer, outcomes: [] as Outcome[] }));
  for (let round = 0; round < context.rounds; round++) {
    for (const { peer, outcomes } of table) {
      const outcome = await measure(peer).catch((error: unknown) => ({ problem: (error as Error).message }));
      outcomes.push(outcome);
      context.log(`  ${peer.name}: ${describe(outcome)}`);
    }
  }
  return table.map(({ peer: { name, title }, outcomes }) => ({ name, title, outcomes }));
}

function describe(outcome: Outcome): string {
  if ('problem' in outcome) return outcome.problem;
  const { cpuUs, perSecond, p99Us, bytesPerConnection, bytesPerKey, serverBusy, clientBusy } = outcome.sample;
  const parts = [
    cpuUs !== undefined && `${cpuUs.toFixed(2)} µs`,
    perSecond !== undefined && `${Math.round(perSecond)}/s`,
    p99Us !== undefined && `p99 ${(p99Us / 1000).toFixed(2)} ms`,
    bytesPerConnection !== undefined && `${(bytesPerConnection / 1024).toFixed(1)} KiB`,
    bytesPerKey !== undefined && `${Math.round(bytesPerKey)} bytes`,
    serverBusy !== undefined && `server ${Math.round(serverBusy * 100)} %`,
    clientBusy !== undefined && `client ${Math.round(clientBusy * 100)} %`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}
