/** Delay before a crashed member is replaced. */
export interface Backoff {
  /** Delay before the first respawn, in milliseconds. @default 50 */
  readonly initialDelayMs: number;
  /** Maximum delay in milliseconds, multiplied by the number of slots that crash at the same time. @default 10000 */
  readonly maxDelayMs: number;
  /** Factor of the delay for each consecutive crash. @default 2 */
  readonly multiplier: number;
  /** Random share of the delay, 0 to 1, so that slots do not respawn in lockstep. @default 0.5 */
  readonly jitter: number;
  /** Time a member must have served to reset the delay, in milliseconds. @default 10000 */
  readonly resetAfterMs: number;
  /**
   * A crash after a shorter service time than this, in milliseconds, counts as three consecutive crashes for the
   * delay. From the second such crash on, the delay also grows with the number of slots that crash at the same time.
   * @default 2500
   */
  readonly shortLifeMs: number;
}

/** Limits after which a slot stops respawning because its members keep crashing. */
export interface CrashLoop {
  /** Number of consecutive crashes after which a slot is given up; 0 means never. @default 5 */
  readonly maxCrashes: number;
  /**
   * Time a member must have served to reset the count of consecutive crashes, in milliseconds. The time to become
   * ready is excluded, so that slow and fast starts count alike. @default 5000
   */
  readonly minUptimeMs: number;
}

/** Input of the policy for one crash. */
export interface Crash {
  /** Time of the crash, in milliseconds of the pool's clock. */
  readonly at: number;
  /** Time since the member became ready, in milliseconds; 0 if it never was. */
  readonly servedMs: number;
}

/** Tracks the exits of a slot's members, and computes the delay before the next one starts. */
export interface RespawnPolicy {
  /** Delay after a crash, in milliseconds, or `'giveUp'`. */
  afterCrash(crash: Crash): number | 'giveUp';
  /**
   * Delay after the operating system could not start the process, in milliseconds. Does not count as a crash, so the
   * slot is never given up.
   */
  afterSpawnFailure(): number;
  /** Delay after a clean exit that the pool did not request, in milliseconds. */
  afterDrain(): number;
  /** Clears all counters. */
  reset(): void;
}

/** For each slot's policy, the time until which the slot counts as crashing. Shared by the slots of one pool. */
export type CrashingSlots = Map<object, number>;

/** Number of crashes that a crash after a short service time counts as. */
const shortLifeCrashes = 3;

/** The delay before respawn number `attempt` (0 is the first in a row). `random` is between 0 and 1. */
export function backoffDelayMs(backoff: Backoff, attempt: number, random: number): number {
  const full = Math.min(backoff.maxDelayMs, backoff.initialDelayMs * backoff.multiplier ** attempt);
  return Math.round(full * (1 - backoff.jitter * random));
}

/**
 * Creates the policy of one slot. `maxDelayMs` is the maximum delay of a slot that crashes alone. It grows with the
 * number of crashing slots, so that the cost of a pool that cannot run does not depend on its size.
 */
export function createRespawnPolicy(
  backoff: Backoff,
  crashLoop: CrashLoop,
  random: () => number,
  crashing: CrashingSlots = new Map(),
): RespawnPolicy {
  let countedCrashes = 0;
  let crashesInARow = 0;
  let spawnFailures = 0;
  const policy: RespawnPolicy = {
    afterCrash({ at, servedMs }) {
      spawnFailures = 0;
      countedCrashes = servedMs >= crashLoop.minUptimeMs ? 0 : countedCrashes + 1;
      crashing.delete(policy);
      if (crashLoop.maxCrashes > 0 && countedCrashes >= crashLoop.maxCrashes) return 'giveUp';
      if (servedMs >= backoff.resetAfterMs) crashesInARow = 0;
      const others = [...crashing.values()].filter((until) => until > at).length;
      const isShort = servedMs < backoff.shortLifeMs;
      const initialDelayMs = backoff.initialDelayMs * (isShort && crashesInARow > 0 ? 1 + others : 1);
      const maxDelayMs = backoff.maxDelayMs * (1 + others);
      const waitMs = backoffDelayMs({ ...backoff, initialDelayMs, maxDelayMs }, crashesInARow, random());
      crashesInARow += isShort ? shortLifeCrashes : 1;
      crashing.set(policy, at + waitMs + backoff.resetAfterMs);
      return waitMs;
    },
    afterSpawnFailure: () => backoffDelayMs(backoff, spawnFailures++, random()),
    afterDrain: () => backoffDelayMs(backoff, 0, random()),
    reset() {
      countedCrashes = 0;
      crashesInARow = 0;
      spawnFailures = 0;
      crashing.delete(policy);
    },
  };
  return policy;
}
