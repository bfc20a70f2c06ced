/** How slowly the body of a request may come. */
export interface BodyLimits {
  /** How long it may make no progress; 0 is for ever. */
  readonly timeoutMs: number;
  /** Bytes that count as one second of progress; with 0 any byte is enough. */
  readonly bytesPerSecond: number;
}

export const unlimitedBody: BodyLimits = { timeoutMs: 0, bytesPerSecond: 0 };

/**
 * The milliseconds that are left without progress, after `elapsedMs` in which `bytes` came. A body at the least rate
 * keeps what it has; a faster one earns back up to the whole timeout.
 */
export function stepBody(limits: BodyLimits, creditMs: number, elapsedMs: number, bytes: number): number {
  const { timeoutMs, bytesPerSecond } = limits;
  if (bytesPerSecond === 0) return bytes > 0 ? timeoutMs : creditMs - elapsedMs;
  return Math.min(timeoutMs, creditMs - elapsedMs + (bytes / bytesPerSecond) * 1_000);
}
