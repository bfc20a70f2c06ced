import { InvalidOptionsError } from '../errors.js';
import { Refusals } from './refusals.js';
import { refuseUnknown, showValue } from './refuse.js';

interface RuleOf<Type extends string, Value> {
  readonly type: Type;
  /** Describes the problem of a value beyond its type, as the end of a sentence. */
  readonly check?: (value: Value) => string | undefined;
  /** Keeps the value out of messages. */
  readonly secret?: boolean;
  /**
   * Parses the value from text, such as an environment variable. Without it, an option of type `any` cannot be set as
   * text. Throws an `Error` whose message is the end of a sentence.
   */
  readonly fromText?: (text: string) => unknown;
  /** Fields of an object that are each set by a text or a file. */
  readonly parts?: readonly Part[];
}

/** `bytes` are read from a file only. */
export interface Part {
  /** Name of the option. */
  readonly name: string;
  /** Type of the value. */
  readonly type: 'text' | 'bytes';
}

/** How an option is checked. `duration` is a whole number of milliseconds from 1 to 2^31 − 1, the longest timer. */
export type Rule =
  | RuleOf<'string', string>
  | RuleOf<'boolean', boolean>
  | RuleOf<'any', unknown>
  | (RuleOf<'duration', number> & { readonly allowZero?: boolean })
  | (RuleOf<'count', number> & { readonly min: number; readonly max?: number })
  | (RuleOf<'number', number> & { readonly min?: number; readonly max?: number })
  | (RuleOf<'one-of', unknown> & { readonly values: readonly unknown[] });

/** The rule of each option, by its name. */
export type RuleTable = Readonly<Record<string, Rule>>;

/** Longest delay of a timer, in milliseconds. */
export const longestTimerMs = 2 ** 31 - 1;

/** Context of the check of a group of options. */
export interface CheckContext {
  /** Prefix of the group that the options are in, including the dot: `backoff.`. */
  readonly prefix?: string;
  /** Removed options, and their replacements. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/** Rejects all unknown names and all invalid values with one error. `undefined` and `null` mean "not given". */
export function checkOptions(of: string, options: unknown, rules: RuleTable, context: CheckContext = {}): void {
  const { prefix = '', renamed = {} } = context;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const name = prefix === '' ? `The options of ${of}` : `\`${prefix.slice(0, -1)}\``;
    throw new InvalidOptionsError(`${name} must be an object, got ${showValue(options)}`);
  }
  const refusals = new Refusals();
  refusals.run(() => refuseUnknown(options, Object.keys(rules), { of, prefix, renamed }));
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (value === undefined || value === null || rule === undefined) continue;
    const problem = ruleProblem(rule, value);
    if (problem === undefined) continue;
    const option = `${prefix}${name}`;
    const got = rule.secret ? '' : `, got ${showValue(value)}`;
    refusals.add(new InvalidOptionsError(`\`${option}\` ${problem}${got}`, { option }));
  }
  refusals.throwAny();
}

/** Describes the problem of an option's value, as the end of a sentence. */
export function ruleProblem(rule: Rule, value: unknown): string | undefined {
  switch (rule.type) {
    case 'string':
      return typeof value === 'string' ? rule.check?.(value) : 'must be a string';
    case 'boolean':
      return typeof value === 'boolean' ? rule.check?.(value) : 'must be true or false';
    case 'duration': {
      const least = rule.allowZero ? 0 : 1;
      const fits = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= longestTimerMs;
      return fits ? rule.check?.(value) : `must be whole milliseconds from ${least} to ${longestTimerMs}`;
    }
    case 'count': {
      const max = rule.max ?? Number.MAX_SAFE_INTEGER;
      const fits = typeof value === 'number' && Number.isInteger(value) && value >= rule.min && value <= max;
      if (fits) return rule.check?.(value);
      const to = rule.max === undefined ? '' : ` to ${max}`;
      return `must be a whole number from ${rule.min}${to}`;
    }
    case 'number': {
      const { min, max = Infinity } = rule;
      if (min === undefined) return Number.isFinite(value) ? rule.check?.(value as number) : 'must be a finite number';
      const fits = typeof value === 'number' && value >= min && value <= max;
      return fits ? rule.check?.(value) : `must be a number from ${min} to ${max}`;
    }
    case 'one-of':
      return rule.values.includes(value) ? undefined : `must be one of ${rule.values.map(showValue).join(', ')}`;
    case 'any':
      return rule.check?.(value);
    default:
      return rule satisfies never;
  }
}
