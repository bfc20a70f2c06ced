import { InvalidOptionsError } from '../errors.js';
import { nearestName } from './nearest-name.js';

/** Context for the message about an unknown option. */
export interface UnknownContext {
  /** Whose options they are, for the message. */
  readonly of?: string;
  /** Names the group that the options are in, with its dot: `backoff.`. */
  readonly prefix?: string;
  /** Options that are gone, and what to write instead. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/** Refuses names that are not known. The message says what replaced the option, or the nearest name there is. */
export function refuseUnknown(given: object, known: readonly string[], context: UnknownContext = {}): void {
  const { of, prefix = '', renamed = {} } = context;
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const what = `\`${prefix}${name}\` is not an option${of === undefined ? '' : ` of ${of}`}`;
    const option = `${prefix}${name}`;
    const replacement = Object.hasOwn(renamed, name) ? renamed[name] : undefined;
    if (replacement !== undefined) throw new InvalidOptionsError(`${what} any more: use ${replacement}`, { option });
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? '' : `; did you mean \`${prefix}${nearest}\`?`;
    throw new InvalidOptionsError(`${what}${hint}`, { option });
  }
}

/** Refuses a value that breaks its rule. The message names the option, the rule and the value. */
export function requireRule(holds: boolean, option: string, rule: string, value: unknown): void {
  if (holds) return;
  throw new InvalidOptionsError(`\`${option}\` must be ${rule}, got ${showValue(value)}`, { option });
}

/** Refuses each named value that is not a whole number within the bounds. */
export function requireWholeNumbers(
  group: Readonly<Record<string, unknown>>,
  names: readonly string[],
  { min, max = 2 ** 31 - 1, prefix = '' }: { min: number; max?: number; prefix?: string },
): void {
  for (const name of names) {
    const value = group[name];
    const holds = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
    requireRule(holds, `${prefix}${name}`, `a whole number from ${min} to ${max}`, value);
  }
}

/** A value as it stands in the message of a refusal: short, and never what an object holds. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
