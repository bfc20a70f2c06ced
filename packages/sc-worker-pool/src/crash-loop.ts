/** When a slot stops respawning because its members only crash. */
export interface CrashLoop {
  /** This many crashes within `windowMs` open the breaker. @default 5 */
  readonly maxCrashes: number;
  /** Over which time crashes are counted, in milliseconds. @default 60000 */
  readonly windowMs: number;
  /**
   * A member that lived at least this long is not part of a loop, whatever ended it, in milliseconds.
   * It is respawned with growing waits instead. @default 1000
   */
  readonly minUptimeMs: number;
}

/** The crashes of one slot that count, oldest first. At most `maxCrashes` are kept. */
export type CrashTimes = readonly number[];

/** The crash times after one more crash, and whether the breaker opens. */
export function countCrash(
  loop: CrashLoop,
  times: CrashTimes,
  crash: { readonly at: number; readonly uptimeMs: number },
): { readonly times: CrashTimes; readonly opens: boolean } {
  if (crash.uptimeMs >= loop.minUptimeMs) return { times, opens: false };
  const recent = [...times.filter((at) => at > crash.at - loop.windowMs), crash.at].slice(-loop.maxCrashes);
  return { times: recent, opens: recent.length >= loop.maxCrashes };
}
