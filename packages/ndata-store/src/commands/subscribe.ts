import { requireChannel } from './checks.js';
import type { Command } from './command.js';

export const subscribe: Command = {
  name: 'subscribe',
  writes: false,
  transacts: false,
  run(core, request, origin) {
    const channel = requireChannel(request);
    origin.channels.add(channel);
    if (core.topics.subscribe(channel, origin)) core.listener.firstSubscription?.(channel);
    return undefined;
  },
};
