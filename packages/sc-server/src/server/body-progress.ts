/** Minimum rate of a request body. */
export interface BodyLimits {
  /** Time without progress, in milliseconds; 0 is unlimited. */
  readonly timeoutMs: number;
  /** Bytes that count as one second of progress; with 0 any byte counts. */
  readonly bytesPerSecond: number;
}

export const unlimitedBody: BodyLimits = { timeoutMs: 0, bytesPerSecond: 0 };

/**
 * Returns the remaining time without progress, in milliseconds, after `bytes` arrived in `elapsedMs`. A body at the
 * minimum rate keeps its credit; a faster one regains credit, up to the whole timeout.
 */
export function stepBody(limits: BodyLimits, creditMs: number, elapsedMs: number, bytes: number): number {
  const { timeoutMs, bytesPerSecond } = limits;
  if (bytesPerSecond === 0) return bytes > 0 ? timeoutMs : creditMs - elapsedMs;
  return Math.min(timeoutMs, creditMs - elapsedMs + (bytes / bytesPerSecond) * 1_000);
}
