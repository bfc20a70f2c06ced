import { InvalidOptionsError } from 'sc-protocol';

type Group = Readonly<Record<string, unknown>>;

/** Refuses names that are not known, with the nearest known one. `prefix` names the group they are in. */
export function refuseUnknown(given: object, known: readonly string[], prefix = ''): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? '' : `; did you mean \`${prefix}${nearest}\`?`;
    throw new InvalidOptionsError(`Unknown option \`${prefix}${name}\`${hint}`, { option: `${prefix}${name}` });
  }
}

/** Refuses a value that breaks its rule. The message names the option, the rule and the value. */
export function requireRule(holds: boolean, option: string, rule: string, value: unknown): void {
  if (holds) return;
  throw new InvalidOptionsError(`\`${option}\` must be ${rule}, got ${show(value)}`, { option });
}

/** Refuses each named value that is not a whole number within the bounds. */
export function requireWholeNumbers(
  group: Group,
  names: readonly string[],
  { min, max = 2 ** 31 - 1, prefix = '' }: { min: number; max?: number; prefix?: string },
): void {
  for (const name of names) {
    const value = group[name];
    const holds = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
    requireRule(holds, `${prefix}${name}`, `a whole number from ${min} to ${max}`, value);
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 2)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(swap, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
