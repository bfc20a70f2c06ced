import { TokenBucket } from '../limits/token-bucket.js';
import type { Logger } from './logger.js';

/** Burst size: entries with the same message that are logged before the rate applies. */
const burst = 10;
const perSecond = 1;
/**
 * Maximum number of messages with a limit of their own; further messages share one. Some contain a name chosen by a
 * client.
 */
const maxMessages = 256;

interface Allowance {
  readonly bucket: TokenBucket;
  leftOut: number;
}

/**
 * Wraps a logger to limit entries that clients can cause without limit, such as a handler that throws. Of warnings and
 * errors with the same message, ten are logged, then one per second, which reports the number of omitted entries. Other
 * levels pass unchanged.
 */
export function limitLog(logger: Logger, now?: () => number): Logger {
  const byMessage = new Map<string, Allowance>();
  const allowanceOf = (message: string): Allowance => {
    const key = byMessage.size < maxMessages || byMessage.has(message) ? message : '';
    let allowance = byMessage.get(key);
    if (allowance === undefined) {
      allowance = { bucket: new TokenBucket(perSecond, burst, now), leftOut: 0 };
      byMessage.set(key, allowance);
    }
    return allowance;
  };
  const limited = (level: 'error' | 'warn') => (message: string, details?: object) => {
    const allowance = allowanceOf(message);
    const { leftOut } = allowance;
    if (!allowance.bucket.take(1)) {
      allowance.leftOut += 1;
      return;
    }
    allowance.leftOut = 0;
    if (leftOut > 0) logger[level](message, { ...details, leftOut });
    else if (details === undefined) logger[level](message);
    else logger[level](message, details);
  };
  return {
    error: limited('error'),
    warn: limited('warn'),
    info: (message, details) => logger.info(message, details),
    debug: (message, details) => logger.debug(message, details),
  };
}
