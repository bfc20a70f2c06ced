import { InvalidOptionsError } from '../errors.js';
import { nearestName } from './nearest-name.js';
import { Refusals } from './refusals.js';

/** Context for the message about an unknown option. */
export interface UnknownContext {
  /** Owner of the options, for the message. */
  readonly of?: string;
  /** Prefix of the group that the options are in, including the dot: `backoff.`. */
  readonly prefix?: string;
  /** Removed options, and their replacements. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/**
 * Rejects all unknown names, unless their values are `undefined` or `null`, which mean "not given". The message and
 * `remedy` give the replacement of the option, or the nearest known name.
 */
export function refuseUnknown(given: object, known: readonly string[], context: UnknownContext = {}): void {
  const { of, prefix = '', renamed = {} } = context;
  const refusals = new Refusals();
  for (const [name, value] of Object.entries(given)) {
    if (known.includes(name) || value === undefined || value === null) continue;
    const what = `\`${prefix}${name}\` is not an option${of === undefined ? '' : ` of ${of}`}`;
    const option = `${prefix}${name}`;
    const replacement = Object.hasOwn(renamed, name) ? renamed[name] : undefined;
    if (replacement !== undefined) {
      const remedy = remedyOf(replacement);
      refusals.add(new InvalidOptionsError(`${what} any more: ${remedy}`, { option, remedy }));
      continue;
    }
    const nearest = nearestName(name, known);
    const remedy = nearest === undefined ? undefined : `did you mean \`${prefix}${nearest}\`?`;
    const details = remedy === undefined ? { option } : { option, remedy };
    refusals.add(new InvalidOptionsError(remedy === undefined ? what : `${what}; ${remedy}`, details));
  }
  refusals.throwAny();
}

/** An option without a replacement has the entry `nothing: ` and the reason. */
function remedyOf(replacement: string): string {
  const nothing = 'nothing: ';
  return replacement.startsWith(nothing) ? `remove it; ${replacement.slice(nothing.length)}` : `use ${replacement}`;
}

/** Rejects a value that violates its rule. The message names the option, the rule and the value. */
export function requireRule(holds: boolean, option: string, rule: string, value: unknown): void {
  if (holds) return;
  throw new InvalidOptionsError(`\`${option}\` must be ${rule}, got ${showValue(value)}`, { option });
}

/** Rejects each named value that is not a whole number within the bounds. */
export function requireWholeNumbers(
  group: Readonly<Record<string, unknown>>,
  names: readonly string[],
  { min, max = 2 ** 31 - 1, prefix = '' }: { min: number; max?: number; prefix?: string },
): void {
  const refusals = new Refusals();
  for (const name of names) {
    const value = group[name];
    const holds = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
    refusals.run(() => requireRule(holds, `${prefix}${name}`, `a whole number from ${min} to ${max}`, value));
  }
  refusals.throwAny();
}

/** Formats a value for an error message: short, and never the content of an object. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
