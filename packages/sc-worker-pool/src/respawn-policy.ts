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

export function createRespawnPolicy(backoff: Backoff, crashLoop: CrashLoop, random: () => number): RespawnPolicy {
  let times: CrashTimes = [];
  let crashesInARow = 0;
  return {
    afterCrash(crash) {
      const count = countCrash(crashLoop, times, crash);
      times = count.times;
      if (count.opens) return 'giveUp';
      if (crash.uptimeMs >= backoff.resetAfterMs) crashesInARow = 0;
      return backoffDelayMs(backoff, crashesInARow++, random());
    },
    afterDrain: () => backoffDelayMs(backoff, 0, random()),
    reset() {
      times = [];
      crashesInARow = 0;
    },
  };
}
