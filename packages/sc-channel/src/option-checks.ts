import { InvalidArgumentsError, requireName } from 'sc-protocol';
import { checkOptions, nearestName } from 'sc-protocol/kit';
import { type IterateOptions, iterateTable } from './channel-iterator.js';
import type { ChannelEvents } from './channel-state.js';
import { type SubscribeOptions, subscribeTable } from './subscribe-options.js';

/** Functions that throw for invalid options, names and events of channels. */
export interface ChannelOptionChecks {
  /** Throws `InvalidArgumentsError` for an invalid channel name. */
  name(name: string): void;
  /** Throws `InvalidOptionsError` for invalid options of a subscription. */
  subscribe(options: SubscribeOptions): void;
  /** Throws `InvalidOptionsError` for invalid options of an iteration. */
  iterate(options: IterateOptions): void;
  /** Throws `InvalidArgumentsError` for an unknown event. */
  event(name: string): void;
}

const events: readonly string[] = [
  'subscribe',
  'subscribeFail',
  'unsubscribe',
  'kickOut',
] satisfies (keyof ChannelEvents)[];

/**
 * The checks. Optional for an owner, so that a page in production need not load them. Fields set to `undefined` count
 * as absent.
 */
export const channelOptionChecks: ChannelOptionChecks = {
  name(name) {
    requireName('A channel name', name);
  },
  subscribe(options) {
    checkOptions('a subscription', options, subscribeTable);
  },
  iterate(options) {
    checkOptions('an iteration', options, iterateTable);
  },
  event(name) {
    if (events.includes(name)) return;
    const nearest = nearestName(name, events);
    const hint = nearest === undefined ? `they have ${events.join(', ')}` : `did you mean "${nearest}"?`;
    throw new InvalidArgumentsError(`Channels have no event "${name}"; ${hint}`);
  },
};
