import { InvalidOptionsError } from 'sc-protocol';

/** Longest time a timer can be set to: anything above would fire at once. */
const longestMs = 2 ** 31 - 1;

const isNumberIn = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;

const hasFunctions = (value: unknown, ...names: string[]): boolean =>
  typeof value === 'object' &&
  value !== null &&
  names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');

const table = {
  url: ['must be a ws:, wss:, http: or https: URL', isSocketUrl],
  text: ['must be a string that is not empty', (value) => typeof value === 'string' && value !== ''],
  flag: ['must be true or false', (value) => typeof value === 'boolean'],
  object: ['must be an object', (value) => typeof value === 'object' && value !== null],
  function: ['must be a function', (value) => typeof value === 'function'],
  port: ['must be a whole number from 1 to 65535', (value) => Number.isInteger(value) && isNumberIn(value, 1, 65_535)],
  path: ['must begin with /', (value) => typeof value === 'string' && value.startsWith('/')],
  query: ['must be a string or an object', (value) => ['string', 'object'].includes(typeof value) && value !== null],
  time: [`must be a number of milliseconds from 1 to ${longestMs}`, (value) => isNumberIn(value, 1, longestMs)],
  delay: [`must be a number of milliseconds from 0 to ${longestMs}`, (value) => isNumberIn(value, 0, longestMs)],
  factor: ['must be a number from 1 to 100', (value) => isNumberIn(value, 1, 100)],
  count: ['must be a whole number from 0', (value) => Number.isSafeInteger(value) && Number(value) >= 0],
  authEngine: [
    'must have the functions loadToken, saveToken and removeToken',
    (value) => value === null || hasFunctions(value, 'loadToken', 'saveToken', 'removeToken'),
  ],
  codec: [
    'must have the functions encode and decode',
    (value) => value === null || hasFunctions(value, 'encode', 'decode'),
  ],
  binaryType: ["must be 'arraybuffer'", (value) => value === 'arraybuffer'],
  protocolVersion: ['must be 1 or 2', (value) => value === 1 || value === 2],
  outboxPolicy: ["must be 'refuse' or 'dropOldest'", (value) => value === 'refuse' || value === 'dropOldest'],
} as const satisfies Readonly<Record<string, readonly [rule: string, holds: (value: unknown) => boolean]>>;

/** What an option's value must be. */
export type RuleName = keyof typeof table;

/** Throws `InvalidOptionsError` that names the option, the rule and the value. */
export function checkOption(rule: RuleName, option: string, value: unknown): void {
  const [text, holds] = table[rule];
  if (!holds(value)) throw new InvalidOptionsError(`${option} ${text}, got ${show(value)}`, { option });
}

function isSocketUrl(value: unknown): boolean {
  try {
    return typeof value === 'string' && /^(ws|http)s?:$/.test(new URL(value).protocol);
  } catch {
    return false;
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
