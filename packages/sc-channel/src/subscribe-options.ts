import { InvalidOptionsError } from 'sc-protocol';
import { requireRule } from 'sc-protocol/options';

export interface SubscribeOptions {
  /** Wait until the socket has a valid auth token; until then the subscription stays pending. @default false */
  readonly waitForAuth?: boolean;
  /** Anything that the server's subscribe middleware should see. */
  readonly data?: unknown;
  /** After a reconnect, channels with a higher number are asked for first. @default 0 */
  readonly priority?: number;
  /** Let the server put its answer into one message with others. @default false */
  readonly batch?: boolean;
}

const types = { waitForAuth: 'boolean', data: '', priority: 'number', batch: 'boolean' } satisfies Record<
  keyof SubscribeOptions,
  string
>;

/** Refuses what no subscription can mean. Fields set to `undefined` count as absent. */
export function resolveSubscribeOptions(options: SubscribeOptions): SubscribeOptions {
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(types, option)) {
      const known = Object.keys(types).join(', ');
      throw new InvalidOptionsError(`\`${option}\` is not an option of a subscription, which are ${known}`, { option });
    }
    const type = types[option as keyof SubscribeOptions];
    const holds =
      value === undefined || type === '' || (typeof value === type && (type !== 'number' || Number.isFinite(value)));
    requireRule(holds, option, type === 'number' ? 'a finite number' : `a ${type}`, value);
  }
  return options;
}
