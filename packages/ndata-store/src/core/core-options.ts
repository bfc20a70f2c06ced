import { InvalidOptionsError } from 'sc-protocol';
import { checkNumber } from '../option-rules.js';
import { ChannelRuleTable } from '../rules/channel-rules.js';
import type { ChannelRules } from '../rules/channel-rules.js';

/** Policy for a write that would exceed `maxMemoryBytes`. */
export type MemoryPolicy = 'refuse' | 'evict-volatile';

/** Contents and limits of a store. */
export interface LimitOptions {
  /** Largest value and payload, in bytes. @default 16777216 */
  readonly maxValueBytes?: number;
  /** About how many bytes keys, values and streams may take together; 0 means no limit. @default 0 */
  readonly maxMemoryBytes?: number;
  /**
   * At that limit: `refuse` fails writes that carry a value, `evict-volatile` first removes keys that have an expiry,
   * those that expire soonest before the others. @default 'refuse'
   */
  readonly memoryPolicy?: MemoryPolicy;
  /**
   * Rules for kept publications, by pattern of the channel name; the first matching pattern applies. @default none: no
   * publications are kept
   */
  readonly channels?: ChannelRules;
  /** Most bytes that kept publications take together; beyond that, those of the least recently used channels go. @default 67108864 */
  readonly maxHistoryBytes?: number;
  /** Most channels whose position is known; beyond that, the least recently used begin again with a new epoch. @default 1000000 */
  readonly maxStreams?: number;
  /** Milliseconds between two sweeps. A key is gone for readers the moment it expires; this frees its memory. @default 1000 */
  readonly sweepIntervalMs?: number;
  /**
   * Lets clients send functions as source text, which the store then runs, with all rights of its process. Only for a
   * unix socket or with a secret. @default false
   */
  readonly unsafeQueryFunctions?: boolean;
  /** Milliseconds such a function may take. @default 1000 */
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
