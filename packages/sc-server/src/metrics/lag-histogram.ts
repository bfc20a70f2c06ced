/** Upper bounds of the buckets, in seconds. */
export const lagBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;

/** Sampling interval in milliseconds: long enough to cost an idle process almost nothing. */
const intervalMs = 100;
/** Maximum number of samples added for one blocked period, for example after a signal stopped the process. */
const maxSamplesAtOnce = 600;

/**
 * Histogram of how late the event loop of this process runs timers. A blocked period adds one sample for each interval
 * that it covers, so that the histogram shows the delay of events at random times.
 */
export class LagHistogram {
  readonly #counts: number[] = Array.from({ length: lagBounds.length + 1 }, () => 0);
  #sumSeconds = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Starts sampling. Does not keep the process alive. */
  start(now: () => number = () => performance.now()): void {
    let dueAt = now() + intervalMs;
    this.#timer ??= setInterval(() => {
      const at = now();
      this.observe(Math.max(0, at - dueAt));
      dueAt = at + intervalMs;
    }, intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  observe(lateMs: number): void {
    for (let late = lateMs, count = 0; late >= 0 && count < maxSamplesAtOnce; late -= intervalMs, count++) {
      const seconds = late / 1_000;
      const bucket = lagBounds.findIndex((bound) => seconds <= bound);
      const index = bucket === -1 ? lagBounds.length : bucket;
      this.#counts[index] = (this.#counts[index] ?? 0) + 1;
      this.#sumSeconds += seconds;
    }
  }

  /** Returns the number of samples in each bucket by its upper bound, and the sum of all samples in seconds. */
  snapshot(): Readonly<Record<string, number>> {
    const entries = this.#counts.map((count, index) => [String(lagBounds[index] ?? '+Inf'), count] as const);
    return { ...Object.fromEntries(entries), sum: Math.round(this.#sumSeconds * 1e6) / 1e6 };
  }
}
