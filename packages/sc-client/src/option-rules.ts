import { requireRule, showValue } from 'sc-protocol/options';

/** What an option's value must be, in words and as a test. */
export type Rule = readonly [words: string, holds: (value: unknown) => boolean];

/** Longest time a timer can be set to: anything above would fire at once. */
const longestMs = 2 ** 31 - 1;

const isNumberIn = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

export const text: Rule = ['a string that is not empty', (value) => typeof value === 'string' && value !== ''];
export const flag: Rule = ['true or false', (value) => typeof value === 'boolean'];
export const aFunction: Rule = ['a function', (value) => typeof value === 'function'];
export const anObject: Rule = ['an object', isObject];
export const count: Rule = ['a whole number from 0', (value) => Number.isSafeInteger(value) && Number(value) >= 0];

/** Any number between two limits, which it may be. */
export function number(least: number, most: number, unit = ''): Rule {
  return [`a number${unit} from ${least} to ${most}`, (value) => isNumberIn(value, least, most)];
}

/** A time that a timer can be set to. */
export function milliseconds(least: number): Rule {
  return number(least, longestMs, ' of milliseconds');
}

/** An object with these functions, or `null` for the default. */
export function functions(...names: readonly string[]): Rule {
  return [
    `an object with the functions ${names.join(', ')}`,
    (value) => value === null || (isObject(value) && names.every((name) => typeof value[name] === 'function')),
  ];
}

export function oneOf(...values: readonly unknown[]): Rule {
  return [values.map(showValue).join(' or '), (value) => values.includes(value)];
}

export const path: Rule = ['text that begins with /', (value) => typeof value === 'string' && value.startsWith('/')];
export const query: Rule = ['a string or an object', (value) => typeof value === 'string' || isObject(value)];
export const socketUrl: Rule = [
  'a ws:, wss:, http: or https: URL',
  (value) => {
    try {
      return /^(ws|http)s?:$/.test(new URL(value as string).protocol);
    } catch {
      return false;
    }
  },
];

/** Throws `InvalidOptionsError` that names the option, the rule and the value. */
export function checkOption([words, holds]: Rule, option: string, value: unknown): void {
  requireRule(holds(value), option, words, value);
}
