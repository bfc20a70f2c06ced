import { refuseUnknown, requireRule } from 'sc-protocol/options';

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

const names: Readonly<Record<keyof SubscribeOptions, true>> = {
  waitForAuth: true,
  data: true,
  priority: true,
  batch: true,
};

/** Refuses what no subscription can mean. Fields set to `undefined` count as absent. */
export function resolveSubscribeOptions(options: SubscribeOptions): SubscribeOptions {
  refuseUnknown(options, Object.keys(names), { of: 'a subscription' });
  const { waitForAuth = false, priority = 0, batch = false } = options;
  requireRule(typeof waitForAuth === 'boolean', 'waitForAuth', 'true or false', waitForAuth);
  requireRule(Number.isFinite(priority), 'priority', 'a finite number', priority);
  requireRule(typeof batch === 'boolean', 'batch', 'true or false', batch);
  return options;
}
