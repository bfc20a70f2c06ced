import { InvalidOptionsError } from 'sc-protocol';
import { checkNumber } from '../option-rules.js';

/** What a store does with a write that would pass `maxMemoryBytes`. */
export type MemoryPolicy = 'refuse' | 'evict-volatile';

/** What a store keeps and how much. */
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
  /** Milliseconds between two sweeps. A key is gone for readers the moment it expires; this frees its memory. @default 1000 */
  readonly sweepIntervalMs?: number;
  /**
   * Lets clients send functions as source text, which the store then runs: whoever can reach the store can do in its
   * process whatever it can. Only for a unix socket or with a secret. @default false
   */
  readonly unsafeQueryFunctions?: boolean;
  /** Milliseconds such a function may take. @default 1000 */
  readonly queryTimeoutMs?: number;
  /** The clock, in milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

export type CoreOptions = Required<LimitOptions>;

const defaults = {
  maxValueBytes: 16 * 1024 * 1024,
  maxMemoryBytes: 0,
  memoryPolicy: 'refuse',
  sweepIntervalMs: 1000,
  unsafeQueryFunctions: false,
  queryTimeoutMs: 1000,
  now: Date.now,
} satisfies LimitOptions;

export const coreOptionNames: readonly string[] = Object.keys(defaults);

export function resolveCoreOptions(options: LimitOptions): CoreOptions {
  const resolved: CoreOptions = {
    maxValueBytes: options.maxValueBytes ?? defaults.maxValueBytes,
    maxMemoryBytes: options.maxMemoryBytes ?? defaults.maxMemoryBytes,
    memoryPolicy: options.memoryPolicy ?? defaults.memoryPolicy,
    sweepIntervalMs: options.sweepIntervalMs ?? defaults.sweepIntervalMs,
    unsafeQueryFunctions: options.unsafeQueryFunctions ?? defaults.unsafeQueryFunctions,
    queryTimeoutMs: options.queryTimeoutMs ?? defaults.queryTimeoutMs,
    now: options.now ?? defaults.now,
  };
  checkNumber('maxValueBytes', resolved.maxValueBytes, 1, 255 * 1024 * 1024);
  checkNumber('maxMemoryBytes', resolved.maxMemoryBytes, 0);
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
