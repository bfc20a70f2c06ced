import { InvalidOptionsError } from 'sc-protocol';
import { nearestName } from './nearest-name.js';

export interface SubscribeOptions {
  /** Wait until the socket has a valid auth token; until then the subscription stays pending. @default false */
  readonly waitForAuth?: boolean;
  /** Anything that the server's subscribe middleware should see. */
  readonly data?: unknown;
  /** After a reconnect, channels with a higher number are asked for first. @default 0 */
  readonly priority?: number;
  /** Allow the request to share a frame with others made in the same turn, where both ends can. @default false */
  readonly batch?: boolean;
}

const rules: Readonly<Record<string, readonly [rule: string, holds: (value: unknown) => boolean]>> = {
  waitForAuth: ['must be true or false', (value) => typeof value === 'boolean'],
  data: ['', () => true],
  priority: ['must be a finite number', (value) => Number.isFinite(value)],
  batch: ['must be true or false', (value) => typeof value === 'boolean'],
};

/** Refuses what no subscription can mean. Fields set to `undefined` count as absent. */
export function resolveSubscribeOptions(options: SubscribeOptions): SubscribeOptions {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) {
      const nearest = nearestName(name, Object.keys(rules));
      const hint = nearest === undefined ? '' : `: did you mean ${nearest}?`;
      throw new InvalidOptionsError(`Unknown subscribe option "${name}"${hint}`, { option: name });
    }
    if (value !== undefined && !rule[1](value)) {
      throw new InvalidOptionsError(`Subscribe option ${name} ${rule[0]}, got ${String(value)}`, { option: name });
    }
  }
  return options;
}
