import { InvalidOptionsError } from 'sc-protocol';
import { checkNumber } from '../option-rules.js';
import { ChannelRuleTable } from '../rules/channel-rules.js';
import type { ChannelRules } from '../rules/channel-rules.js';

/** Policy for a write that would exceed `maxMemoryBytes`. */
export type MemoryPolicy = 'refuse' | 'evict-volatile';

/** Limits and rules of a store. */
export interface LimitOptions {
  /** Largest value and payload, in bytes. @default 16777216 */
  readonly maxValueBytes?: number;
  /** Approximate maximum bytes of keys, values and streams together; 0 means no limit. @default 0 */
  readonly maxMemoryBytes?: number;
  /**
   * Policy at `maxMemoryBytes`: `refuse` rejects writes that carry a value; `evict-volatile` first evicts keys that
   * have an expiry, soonest expiry first. @default 'refuse'
   */
  readonly memoryPolicy?: MemoryPolicy;
  /**
   * Rules for kept publications, by pattern of the channel name; the first matching pattern applies. @default none: no
   * publications are kept
   */
  readonly channels?: ChannelRules;
  /**
   * Maximum bytes of kept publications together. Beyond it, publications of the least recently used channels are
   * evicted.
   * @default 67108864
   */
  readonly maxHistoryBytes?: number;
  /**
   * Maximum number of channels with a stream. Beyond it, the least recently used streams are evicted; their channels
   * start again with a new epoch. @default 1000000
   */
  readonly maxStreams?: number;
  /**
   * Milliseconds between two sweeps, which free the memory of expired keys. Readers never see an expired key, even
   * before the sweep. @default 1000
   */
  readonly sweepIntervalMs?: number;
  /**
   * Lets clients send functions as source text, which the store runs with all rights of its process. Use it only on a
   * unix socket or with a secret. @default false
   */
  readonly unsafeQueryFunctions?: boolean;
  /** Time limit of a query function, in milliseconds. @default 1000 */
  readonly queryTimeoutMs?: number;
  /** The clock, in milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

export interface CoreOptions extends Required<Omit<LimitOptions, 'channels'>> {
  readonly rules: ChannelRuleTable;
}

const defaults = {
  maxValueBytes: 16 * 1024 * 1024,
  maxMemoryBytes: 0,
  memoryPolicy: 'refuse',
  maxHistoryBytes: 64 * 1024 * 1024,
  maxStreams: 1_000_000,
  sweepIntervalMs: 1000,
  unsafeQueryFunctions: false,
  queryTimeoutMs: 1000,
  now: Date.now,
} satisfies LimitOptions;

export const coreOptionNames: readonly string[] = ['channels', ...Object.keys(defaults)];

export function resolveCoreOptions(options: LimitOptions): CoreOptions {
  const resolved: CoreOptions = {
    maxValueBytes: options.maxValueBytes ?? defaults.maxValueBytes,
    maxMemoryBytes: options.maxMemoryBytes ?? defaults.maxMemoryBytes,
    memoryPolicy: options.memoryPolicy ?? defaults.memoryPolicy,
    rules: new ChannelRuleTable(options.channels ?? undefined),
    maxHistoryBytes: options.maxHistoryBytes ?? defaults.maxHistoryBytes,
    maxStreams: options.maxStreams ?? defaults.maxStreams,
    sweepIntervalMs: options.sweepIntervalMs ?? defaults.sweepIntervalMs,
    unsafeQueryFunctions: options.unsafeQueryFunctions ?? defaults.unsafeQueryFunctions,
    queryTimeoutMs: options.queryTimeoutMs ?? defaults.queryTimeoutMs,
    now: options.now ?? defaults.now,
  };
  checkNumber('maxValueBytes', resolved.maxValueBytes, 1, 255 * 1024 * 1024);
  checkNumber('maxMemoryBytes', resolved.maxMemoryBytes, 0);
  checkNumber('maxHistoryBytes', resolved.maxHistoryBytes, 0);
  checkNumber('maxStreams', resolved.maxStreams, 1);
  checkNumber('sweepIntervalMs', resolved.sweepIntervalMs, 1);
  checkNumber('queryTimeoutMs', resolved.queryTimeoutMs, 1);
  if (!['refuse', 'evict-volatile'].includes(resolved.memoryPolicy)) {
    throw new InvalidOptionsError(
      `\`memoryPolicy\` must be 'refuse' or 'evict-volatile', got '${resolved.memoryPolicy}'`,
      { option: 'memoryPolicy' },
    );
  }
  return resolved;
}
