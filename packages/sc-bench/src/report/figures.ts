import { summarize, type Quantity, type Sample, type Summary } from '../measure/sample.js';
import type { PeerOutcomes, WorkloadResult } from '../workloads/workload.js';

/** The samples of the rounds that were not rejected. */
export function samplesOf({ outcomes }: PeerOutcomes): Sample[] {
  return outcomes.flatMap((outcome) => ('sample' in outcome ? [outcome.sample] : []));
}

/** Returns why the peer has no result: most of its rounds were rejected. `undefined` if it has one. */
export function refusalOf({ outcomes }: PeerOutcomes): string | undefined {
  const problems = outcomes.flatMap((outcome) => ('problem' in outcome ? [outcome.problem] : []));
  if (outcomes.length > 0 && problems.length * 2 < outcomes.length) return undefined;
  return problems[0] ?? 'not measured';
}

/** The measured quantity of a peer; `undefined` if it was rejected. */
export function figure(peer: PeerOutcomes, quantity: Quantity): Summary | undefined {
  return refusalOf(peer) === undefined ? summarize(samplesOf(peer), quantity) : undefined;
}

/** The peer's median as a multiple of the reference's. */
export function ratio(result: WorkloadResult, peer: PeerOutcomes, quantity: Quantity): number | undefined {
  const reference = result.peers.find(({ name }) => name === result.reference);
  const own = figure(peer, quantity);
  const base = reference && figure(reference, quantity);
  return own === undefined || base === undefined ? undefined : own.median / base.median;
}
