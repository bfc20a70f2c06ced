import { channelOptionChecks } from 'sc-channel';
import { isReservedEvent, requireName } from 'sc-protocol';
import type { OptionChecks } from '../options.js';
import { checkOptions } from './check-options.js';

/** Rejects invalid options and names. Production builds for pages omit it to stay small. */
export const checks: OptionChecks = {
  connect: checkOptions,
  eventName(name) {
    requireName('An event name', name, isReservedEvent(name) ? `must not be "${name}": it is reserved` : undefined);
  },
  channels: channelOptionChecks,
};
