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
  /** A member that lived this long makes the next wait the first one again, in milliseconds. @default 10000 */
  readonly resetAfterMs: number;
  /**
   * A member that lived shorter than this, in milliseconds, did little but start: its crash counts as three in a row,
   * and from the second on its wait grows with the number of slots that crash at the same time. @default 2500
   */
  readonly shortLifeMs: number;
}

/** The wait before respawn number `attempt` (0 is the first in a row). `random` is between 0 and 1. */
export function backoffDelayMs(backoff: Backoff, attempt: number, random: number): number {
  const full = Math.min(backoff.maxDelayMs, backoff.initialDelayMs * backoff.multiplier ** attempt);
  return Math.round(full * (1 - backoff.jitter * random));
}
