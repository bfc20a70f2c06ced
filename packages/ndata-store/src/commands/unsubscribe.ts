import { requireChannel } from './checks.js';
import type { Command } from './command.js';

export const unsubscribe: Command = {
  name: 'unsubscribe',
  writes: false,
  transacts: false,
  run(core, request, caller) {
    const channel = requireChannel(request);
    caller.channels.delete(channel);
    if (core.topics.unsubscribe(channel, caller)) core.owner.lastUnsubscription?.(channel);
    return undefined;
  },
};
