import type { Rule } from 'sc-protocol/kit';

/**
 * Parses the text of an environment variable or a flag. Returns text that is not a value of the option's type
 * unchanged, for the rule to reject. Throws an `Error` whose message is the end of a sentence.
 */
export function valueFromText(rule: Rule, text: string): unknown {
  if (rule.fromText !== undefined) return rule.fromText(text);
  switch (rule.type) {
    case 'string':
    case 'any':
      return text;
    case 'boolean':
      return booleans.get(text.toLowerCase()) ?? text;
    case 'duration':
    case 'count':
    case 'number':
      return numberFromText(text) ?? text;
    case 'one-of':
      return rule.values.find((value) => String(value) === text) ?? text;
    default:
      return rule satisfies never;
  }
}

/** Reports whether an option can be given as text. */
export function hasTextForm(rule: Rule): boolean {
  return rule.type !== 'any' || rule.fromText !== undefined;
}

/** Splits a comma-separated list. */
export function listFromText(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

export function jsonFromText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error('must be JSON');
  }
}

/** Parses a key: JSON if the text starts with `{`, otherwise PEM. */
export function keyFromText(text: string): unknown {
  return text.trimStart().startsWith('{') ? jsonFromText(text) : text;
}

/** Parses a number, and passes any other text to `otherwise`. */
export function numberOr(otherwise: (text: string) => unknown): (text: string) => unknown {
  return (text) => numberFromText(text) ?? otherwise(text);
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

function numberFromText(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
