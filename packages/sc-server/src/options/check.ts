import { InvalidOptionsError } from 'sc-protocol';

interface RuleOf<Type extends string, Value> {
  readonly type: Type;
  /** What is wrong with the value beyond its type, as the end of a sentence. */
  readonly check?: (value: Value) => string | undefined;
  /** Never show the value. */
  readonly secret?: boolean;
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
  what: string,
  options: unknown,
  rules: Readonly<Record<string, Rule>>,
  renamed: Readonly<Record<string, string>> = {},
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionsError(`The options of ${what} must be an object, got ${show(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw unknownOption(what, name, Object.keys(rules), renamed);
    if (value === undefined) continue;
    const problem = problemOf(rule, value);
    if (problem === undefined) continue;
    const got = rule.secret ? '' : `, got ${show(value)}`;
    throw new InvalidOptionsError(`${name} ${problem}${got}`, { option: name });
  }
}

function problemOf(rule: Rule, value: unknown): string | undefined {
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
      return rule.max === undefined
        ? `must be a whole number from ${rule.min}`
        : `must be a whole number from ${rule.min} to ${max}`;
    }
    case 'one-of':
      return rule.values.includes(value) ? undefined : `must be one of ${rule.values.map(show).join(', ')}`;
    case 'any':
      return rule.check?.(value);
    default:
      return rule satisfies never;
  }
}

function unknownOption(what: string, name: string, known: string[], renamed: Readonly<Record<string, string>>): Error {
  const replacement = Object.hasOwn(renamed, name) ? renamed[name] : undefined;
  if (replacement !== undefined) {
    return new InvalidOptionsError(`${name} is not an option of ${what} any more: use ${replacement}`, {
      option: name,
    });
  }
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? '' : `: did you mean ${nearest}?`;
  return new InvalidOptionsError(`${name} is not an option of ${what}${hint}`, { option: name });
}

/** The known name with the fewest edits, if it is near enough to be meant. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      current.push(Math.min((current[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, (previous[j - 1] ?? 0) + cost));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
