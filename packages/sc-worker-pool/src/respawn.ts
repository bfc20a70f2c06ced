/** How long to wait before a crashed member is replaced. */
export interface Backoff {
  /** Wait before the first respawn, in milliseconds. @default 50 */
  readonly initialDelayMs: number;
  /** The longest wait, in milliseconds, times the number of slots that crash at the same time. @default 10000 */
  readonly maxDelayMs: number;
  /** Each crash in a row multiplies the wait by this. @default 2 */
  readonly multiplier: number;
  /** Share of the wait that is random, 0 to 1, so that slots do not respawn in step. @default 0.5 */
  readonly jitter: number;
  /** A member that served this long makes the next wait the first one again, in milliseconds. @default 10000 */
  readonly resetAfterMs: number;
  /**
   * The crash of a member that served for less than this, in milliseconds, counts as three in a row, and from the second
   * one on its wait grows with the number of slots that crash at the same time. @default 2500
   */
  readonly shortLifeMs: number;
}

/** When a slot stops respawning because its members only crash. */
export interface CrashLoop {
  /** A slot is given up after this many crashes in a row; 0 never gives up. @default 5 */
  readonly maxCrashes: number;
  /**
   * A member that served at least this long ends the row, in milliseconds. The time it took to become ready does not
   * count, so that slow starts are counted like fast ones. @default 5000
   */
  readonly minUptimeMs: number;
}

/** A crash, as the policy sees it. */
export interface Crash {
  /** When, in milliseconds of the pool's clock. */
  readonly at: number;
  /** How long the member was ready, in milliseconds; 0 when it never was. */
  readonly servedMs: number;
}

/** Remembers how the members of a slot ended, and says when the next one may start. */
export interface RespawnPolicy {
  /** How long to wait after a crash, in milliseconds, or that the slot is given up. */
  afterCrash(crash: Crash): number | 'giveUp';
  /** How long to wait after the operating system refused to start the process. This is no crash, and never gives up. */
  afterSpawnFailure(): number;
  /** How long to wait after an orderly end that the pool did not ask for, in milliseconds. */
  afterDrain(): number;
  /** Forgets all crashes. */
  reset(): void;
}

/** Until when each slot of a pool, by its policy, counts as one that crashes. Shared by the slots of one pool. */
export type CrashingSlots = Map<object, number>;

/** The number of crashes that a crash after a short life counts as. */
const shortLifeCrashes = 3;

/** The wait before respawn number `attempt` (0 is the first in a row). `random` is between 0 and 1. */
export function backoffDelayMs(backoff: Backoff, attempt: number, random: number): number {
  const full = Math.min(backoff.maxDelayMs, backoff.initialDelayMs * backoff.multiplier ** attempt);
  return Math.round(full * (1 - backoff.jitter * random));
}

/**
 * Creates the policy of one slot. `maxDelayMs` is the longest wait of a slot that crashes alone. Where several crash, it
 * grows with their number, so that a pool that cannot run costs the same however many members it should have.
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
