import { createHash } from 'node:crypto';

/** How the next target is chosen. `byAddress` keeps a client's address on one target while the targets stay the same. */
export type ChoicePolicy = 'leastConnections' | 'roundRobin' | 'byAddress';

/** State of a target for the choice. Times are in milliseconds of one clock. */
export interface TargetLoad {
  readonly id: string;
  readonly connections: number;
  /** When the target was added. It is a newcomer for the next `rampMs`. */
  readonly addedAt: number;
  /** A failed target is skipped until this time. */
  readonly ejectedUntil: number;
}

/** Input of a choice. */
export interface ChoiceQuestion {
  readonly policy: ChoicePolicy;
  readonly now: number;
  readonly rampMs: number;
  /** Number of choices made before. Breaks ties and advances the round robin. */
  readonly turn: number;
  /** Returns a number from 0 up to 1. The probability that a newcomer takes part grows to 1 over `rampMs`. */
  readonly random: () => number;
  /** The client's address, for `byAddress`. */
  readonly address: string | undefined;
}

/**
 * Returns the target for the next connection. Falls back to ejected targets, and to newcomers that the ramp excluded,
 * only when no other target is left.
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

/** Starts the search at `start`, so that targets with equal counts take turns. */
function leastConnections<T extends TargetLoad>(targets: readonly T[], start: number): T | undefined {
  let best: T | undefined;
  for (let i = 0; i < targets.length; i++) {
    const target = targets[(start + i) % targets.length];
    if (target !== undefined && (best === undefined || target.connections < best.connections)) best = target;
  }
  return best;
}

/** Rendezvous hashing: removing a target moves only the addresses assigned to it. */
function byAddress<T extends TargetLoad>(targets: readonly T[], address: string): T | undefined {
  let best: T | undefined;
  let bestScore = '';
  for (const target of targets) {
    const score = createHash('md5').update(`${address}\0${target.id}`).digest('hex');
    if (score > bestScore) [best, bestScore] = [target, score];
  }
  return best;
}
