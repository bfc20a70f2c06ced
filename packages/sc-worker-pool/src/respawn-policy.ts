import { backoffDelayMs } from './backoff.js';
import type { Backoff } from './backoff.js';
import { countCrash } from './crash-loop.js';
import type { CrashLoop, CrashTimes } from './crash-loop.js';

/** Remembers how the members of a slot ended, and says when the next one may start. */
export interface RespawnPolicy {
  /** How long to wait after a crash, in milliseconds, or that the breaker opens. */
  afterCrash(crash: { readonly at: number; readonly uptimeMs: number }): number | 'giveUp';
  /** How long to wait after an orderly end that nobody asked the pool for, in milliseconds. */
  afterDrain(): number;
  /** Forgets what was. */
  reset(): void;
}

/** What the slots of one pool know of each other: until when each one, by its policy, counts as one that crashes. */
export type CrashingSlots = Map<object, number>;

/** What a crash after a short life counts as. */
const shortLifeCrashes = 3;

/**
 * The longest wait is that of one slot that crashes alone. Where several do, it grows with their number, so that a pool
 * that cannot run costs the same however many members it should have. So does every wait but the first of members that
 * do little but start.
 */
export function createRespawnPolicy(
  backoff: Backoff,
  crashLoop: CrashLoop,
  random: () => number,
  crashing: CrashingSlots = new Map(),
): RespawnPolicy {
  let times: CrashTimes = [];
  let crashesInARow = 0;
  const policy: RespawnPolicy = {
    afterCrash(crash) {
      const count = countCrash(crashLoop, times, crash);
      times = count.times;
      crashing.delete(policy);
      if (count.opens) return 'giveUp';
      if (crash.uptimeMs >= backoff.resetAfterMs) crashesInARow = 0;
      const others = [...crashing.values()].filter((until) => until > crash.at).length;
      const isShort = crash.uptimeMs < backoff.shortLifeMs;
      const initialDelayMs = backoff.initialDelayMs * (isShort && crashesInARow > 0 ? 1 + others : 1);
      const maxDelayMs = backoff.maxDelayMs * (1 + others);
      const waitMs = backoffDelayMs({ ...backoff, initialDelayMs, maxDelayMs }, crashesInARow, random());
      crashesInARow += isShort ? shortLifeCrashes : 1;
      crashing.set(policy, crash.at + waitMs + backoff.resetAfterMs);
      return waitMs;
    },
    afterDrain: () => backoffDelayMs(backoff, 0, random()),
    reset() {
      times = [];
      crashesInARow = 0;
      crashing.delete(policy);
    },
  };
  return policy;
}
