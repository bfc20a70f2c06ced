import { requireRule, showValue } from 'sc-protocol/options';
import { longestMs } from '../platform.js';

/** Checks a value. Returns the rule in words if the value is invalid. */
export type Rule = (value: unknown) => string | false | undefined;

/** A value of this type, but neither `null` nor empty text. */
export function type(name: 'boolean' | 'function' | 'object' | 'string'): Rule {
  return (value) => (typeof value !== name || value === null || value === '') && `a ${name}, not empty`;
}

/** Any number between two limits, which it may be. */
export function number(least: number, most: number): Rule {
  return (value) =>
    !(typeof value === 'number' && value >= least && value <= most) && `a number from ${least} to ${most}`;
}

/** A time that a timer can be set to. */
export function milliseconds(least: number): Rule {
  return number(least, longestMs);
}

/** An object with these functions, or `null` for the default. */
export function functions(...names: readonly string[]): Rule {
  return (value) => {
    const object = value as Readonly<Record<string, unknown>> | null;
    const holds = object === null || names.every((name) => typeof object[name] === 'function');
    return !holds && `an object with the functions ${names.join(', ')}`;
  };
}

export function oneOf(...values: readonly unknown[]): Rule {
  return (value) => !values.includes(value) && values.map(showValue).join(' or ');
}

/** Text that begins like one of these. */
export function beginning(...starts: readonly string[]): Rule {
  return (value) =>
    !starts.some((start) => String(value).startsWith(start)) && `text beginning with ${starts.join(' or ')}`;
}

/** Throws `InvalidOptionsError` that names the option, the rule and the value. */
export function checkOption(rule: Rule, option: string, value: unknown): void {
  const words = rule(value);
  if (words) requireRule(false, option, words, value);
}
