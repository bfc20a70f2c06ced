import { createHash } from 'node:crypto';

/** How the next target is chosen. `byAddress` keeps a client's address on one target while the targets stay the same. */
export type ChoicePolicy = 'leastConnections' | 'roundRobin' | 'byAddress';

/** State of a target for the choice. Times are in milliseconds of one clock. */
export interface TargetLoad {
  readonly id: string;
  readonly connections: number;
  /** When it was added; it is a newcomer for `rampMs` from then. */
  readonly addedAt: number;
  /** Until when it is passed over because it failed. */
  readonly ejectedUntil: number;
}

/** Input of a choice. */
export interface ChoiceQuestion {
  readonly policy: ChoicePolicy;
  readonly now: number;
  readonly rampMs: number;
  /** How many choices were made before; breaks ties and turns the round robin. */
  readonly turn: number;
  /** From 0 up to 1. A newcomer takes part with a chance that grows to 1 over `rampMs`. */
  readonly random: () => number;
  /** The client's address, for `byAddress`. */
  readonly address: string | undefined;
}

/**
 * The target for the next connection. Ejected targets and newcomers that sit this one out are chosen only when there
 * is no other.
 */
export function chooseTarget<T extends TargetLoad>(targets: readonly T[], question: ChoiceQuestion): T | undefined {
  const standing = targets.filter((target) => target.ejectedUntil <= question.now);
  const eligible = standing.length > 0 ? standing : targets;
  if (question.policy === 'byAddress') return byAddress(eligible, question.address ?? '');
  const takingPart = eligible.filter((target) => rampShare(target, question) > question.random());
  const candidates = takingPart.length > 0 ? takingPart : eligible;
  const start = candidates.length === 0 ? 0 : question.turn % candidates.length;
  if (question.policy === 'roundRobin') return candidates[start];
  return leastConnections(candidates, start);
}

function rampShare(target: TargetLoad, { now, rampMs }: ChoiceQuestion): number {
  return rampMs === 0 ? 1 : Math.min(1, (now - target.addedAt + 1) / rampMs);
}

/** Among equals the first from `start` on, so that equals take turns. */
function leastConnections<T extends TargetLoad>(targets: readonly T[], start: number): T | undefined {
  let best: T | undefined;
  for (let i = 0; i < targets.length; i++) {
    const target = targets[(start + i) % targets.length];
    if (target !== undefined && (best === undefined || target.connections < best.connections)) best = target;
  }
  return best;
}

/** Rendezvous hashing: when a target goes, only its own addresses move. */
function byAddress<T extends TargetLoad>(targets: readonly T[], address: string): T | undefined {
  let best: T | undefined;
  let bestScore = '';
  for (const target of targets) {
    const score = createHash('md5').update(`${address}\0${target.id}`).digest('hex');
    if (score > bestScore) [best, bestScore] = [target, score];
  }
  return best;
}
