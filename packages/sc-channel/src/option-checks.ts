import { InvalidArgumentsError, requireName } from 'sc-protocol';
import { checkOptions, nearestName } from 'sc-protocol/kit';
import { type IterateOptions, iterateTable } from './channel-iterator.js';
import type { ChannelEvents } from './channel-state.js';
import { type SubscribeOptions, subscribeTable } from './subscribe-options.js';

/** Functions that throw `InvalidOptionsError` for options that a channel cannot have, or likewise for names. */
export interface ChannelOptionChecks {
  /** Throws `InvalidArgumentsError` for a name that no channel can have. */
  name(name: string): void;
  /** Throws for invalid options of a subscription. */
  subscribe(options: SubscribeOptions): void;
  /** Throws for invalid options of an iteration. */
  iterate(options: IterateOptions): void;
  /** Throws `InvalidArgumentsError` for an event that no channel has. */
  event(name: string): void;
}

const events: readonly string[] = [
  'subscribe',
  'subscribeFail',
  'unsubscribe',
  'kickOut',
] satisfies (keyof ChannelEvents)[];

/** The checks, for owners that want them: a page in production need not load them. Fields set to `undefined` count as absent. */
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
