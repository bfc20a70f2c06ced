import { InvalidOptionsError } from 'sc-protocol';
import { refuseUnknown, showValue } from 'sc-protocol/options';

interface RuleOf<Type extends string, Value> {
  readonly type: Type;
  /** Describes the problem of a value beyond its type, as the end of a sentence. */
  readonly check?: (value: Value) => string | undefined;
  /** Never show the value. */
  readonly secret?: boolean;
  /**
   * Reads the value from a text, such as an environment variable; without it an option of type `any` cannot be written as
   * one. Throws an `Error` whose message is the end of a sentence.
   */
  readonly fromText?: (text: string) => unknown;
  /** Fields of an object that come from a text each, or from a file each. */
  readonly parts?: readonly Part[];
}

/** `bytes` come from a file only. */
export interface Part {
  /** Name of the option. */
  readonly name: string;
  /** Type of the value. */
  readonly type: 'text' | 'bytes';
}

/** How an option is checked. `duration` is whole milliseconds from 1 to 2^31 − 1, what a Node timer can take. */
export type Rule =
  | RuleOf<'string', string>
  | RuleOf<'boolean', boolean>
  | RuleOf<'any', unknown>
  | (RuleOf<'duration', number> & { readonly allowZero?: boolean })
  | (RuleOf<'count', number> & { readonly min: number; readonly max?: number })
  | (RuleOf<'one-of', unknown> & { readonly values: readonly unknown[] });

export type Rules<Options> = { readonly [Name in keyof Required<Options>]: Rule };

const longestTimer = 2 ** 31 - 1;

/** Refuses unknown names and values that break their rule. `undefined` means "not given". */
export function checkOptions(
  of: string,
  options: unknown,
  rules: Readonly<Record<string, Rule>>,
  renamed: Readonly<Record<string, string>> = {},
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionsError(`The options of ${of} must be an object, got ${showValue(options)}`);
  }
  refuseUnknown(options, Object.keys(rules), { of, renamed });
  for (const [name, value] of Object.entries(options)) {
    const rule = rules[name];
    if (value === undefined || rule === undefined) continue;
    const problem = ruleProblem(rule, value);
    if (problem === undefined) continue;
    const got = rule.secret ? '' : `, got ${showValue(value)}`;
    throw new InvalidOptionsError(`\`${name}\` ${problem}${got}`, { option: name });
  }
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
      const fits = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= longestTimer;
      return fits ? rule.check?.(value) : `must be whole milliseconds from ${least} to ${longestTimer}`;
    }
    case 'count': {
      const max = rule.max ?? Number.MAX_SAFE_INTEGER;
      const fits = typeof value === 'number' && Number.isInteger(value) && value >= rule.min && value <= max;
      if (fits) return rule.check?.(value);
      const to = rule.max === undefined ? '' : ` to ${max}`;
      return `must be a whole number from ${rule.min}${to}`;
    }
    case 'one-of':
      return rule.values.includes(value) ? undefined : `must be one of ${rule.values.map(showValue).join(', ')}`;
    case 'any':
      return rule.check?.(value);
    default:
      return rule satisfies never;
  }
}
