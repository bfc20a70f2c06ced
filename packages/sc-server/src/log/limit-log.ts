import { TokenBucket } from '../limits/token-bucket.js';
import type { Logger } from './logger.js';

/** Entries with one message that are logged at once, before the rate counts. */
const burst = 10;
const perSecond = 1;
/** Messages that are told apart. Some hold a name that a client chose. */
const maxMessages = 256;

interface Allowance {
  readonly bucket: TokenBucket;
  leftOut: number;
}

/**
 * A logger for what clients can cause as often as they like, such as a handler that throws: of warnings and errors with
 * one message ten are logged, then one a second, which says how many were left out. The rest passes as it is.
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
