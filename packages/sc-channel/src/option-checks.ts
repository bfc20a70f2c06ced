import { InvalidArgumentsError, InvalidOptionsError, type Position, type Rewind, requireName } from 'sc-protocol';
import { nearestName, requireRule } from 'sc-protocol/options';
import type { IterateOptions } from './channel-iterator.js';
import type { ChannelEvents } from './channel-state.js';
import type { SubscribeOptions } from './subscribe-options.js';

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

const types = {
  waitForAuth: 'boolean',
  data: '',
  priority: 'number',
  batch: 'boolean',
  rewind: '',
  since: '',
} satisfies Record<keyof SubscribeOptions, string>;

/** The checks, for owners that want them: a page in production need not load them. Fields set to `undefined` count as absent. */
export const channelOptionChecks: ChannelOptionChecks = {
  name(name) {
    requireName('A channel name', name);
  },
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
    const { rewind, since } = options;
    if (rewind !== undefined) {
      const { count, ms } = (typeof rewind === 'number' ? { count: rewind } : Object(rewind)) as Exclude<
        Rewind,
        number
      >;
      const isWhole = (part: unknown): boolean =>
        part === undefined || (Number.isSafeInteger(part) && Number(part) > 0);
      const holds = isWhole(count) && isWhole(ms) && (count ?? ms) !== undefined;
      requireRule(holds, 'rewind', 'a whole number from 1, or { count, ms } with one or both of them', rewind);
    }
    if (since !== undefined) {
      const { epoch, offset } = Object(since) as Partial<Position>;
      const holds = typeof epoch === 'string' && epoch !== '' && Number.isSafeInteger(offset) && Number(offset) >= 0;
      requireRule(holds, 'since', 'a position, { epoch, offset }', since);
    }
  },
  iterate({ maxBuffered = 1, whenFull = 'dropOldest' }) {
    requireRule(Number.isInteger(maxBuffered) && maxBuffered > 0, 'maxBuffered', 'a whole number from 1', maxBuffered);
    requireRule(['dropOldest', 'dropNewest'].includes(whenFull), 'whenFull', 'dropOldest or dropNewest', whenFull);
  },
  event(name) {
    if (events.includes(name)) return;
    const nearest = nearestName(name, events);
    const hint = nearest === undefined ? `they have ${events.join(', ')}` : `did you mean "${nearest}"?`;
    throw new InvalidArgumentsError(`Channels have no event "${name}"; ${hint}`);
  },
};
