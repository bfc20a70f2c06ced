import { InvalidOptionsError } from 'sc-protocol';
import { requireRule } from 'sc-protocol/options';
import type { IterateOptions } from './channel-iterator.js';
import type { SubscribeOptions } from './subscribe-options.js';

/** Functions that throw `InvalidOptionsError` for options that a channel cannot have. */
export interface ChannelOptionChecks {
  subscribe(options: SubscribeOptions): void;
  iterate(options: IterateOptions): void;
}

const types = { waitForAuth: 'boolean', data: '', priority: 'number', batch: 'boolean' } satisfies Record<
  keyof SubscribeOptions,
  string
>;

/** The checks, for owners that want them: a page in production need not load them. Fields set to `undefined` count as absent. */
export const channelOptionChecks: ChannelOptionChecks = {
  subscribe(options) {
    for (const [option, value] of Object.entries(options)) {
      if (!Object.hasOwn(types, option)) {
        const known = Object.keys(types).join(', ');
        throw new InvalidOptionsError(`\`${option}\` is not an option of a subscription, which are ${known}`, {
          option,
        });
      }
      const type = types[option as keyof SubscribeOptions];
      const holds =
        value === undefined || type === '' || (typeof value === type && (type !== 'number' || Number.isFinite(value)));
      requireRule(holds, option, type === 'number' ? 'a finite number' : `a ${type}`, value);
    }
  },
  iterate({ maxBuffered = 1, whenFull = 'dropOldest' }) {
    requireRule(Number.isInteger(maxBuffered) && maxBuffered > 0, 'maxBuffered', 'a whole number from 1', maxBuffered);
    requireRule(/^drop(Old|New)est$/.test(whenFull), 'whenFull', 'dropOldest or dropNewest', whenFull);
  },
};
