import type { Logger } from './logger.js';

const intervalMs = 1_000;

/**
 * Limits warnings that a client can cause without limit to one per second, which reports the number of warnings omitted
 * before it.
 */
export function createLimitedWarning(
  logger: Logger,
  message: string,
  now = () => performance.now(),
): (error: Error, details?: object) => void {
  let nextAt = -Infinity;
  let left = 0;
  return (error, details = {}) => {
    if (now() < nextAt) {
      left += 1;
      return;
    }
    nextAt = now() + intervalMs;
    logger.warn(message, { error, ...details, ...(left > 0 && { leftOut: left }) });
    left = 0;
  };
}
