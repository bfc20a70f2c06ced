import { requireChannel } from './checks.js';
import type { Command } from './command.js';

export const subscribe: Command = {
  name: 'subscribe',
  writes: false,
  transacts: false,
  run(core, request, caller) {
    const channel = requireChannel(request);
    caller.channels.add(channel);
    if (core.topics.subscribe(channel, caller)) core.owner.firstSubscription?.(channel);
    return undefined;
  },
};
