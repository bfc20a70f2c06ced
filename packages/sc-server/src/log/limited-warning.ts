import type { Logger } from './logger.js';

const intervalMs = 1_000;

/**
 * Warns of something that a stranger can cause as often as he likes: at most once a second, with how many times it
 * happened meanwhile.
 */
export function createLimitedWarning(
  logger: Logger,
  message: string,
  now = () => performance.now(),
): (error: Error) => void {
  let nextAt = -Infinity;
  let left = 0;
  return (error) => {
    if (now() < nextAt) {
      left += 1;
      return;
    }
    nextAt = now() + intervalMs;
    logger.warn(message, left === 0 ? { error } : { error, leftOut: left });
    left = 0;
  };
}
