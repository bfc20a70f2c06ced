import { requireChannel } from './checks.js';
import type { Command } from './command.js';

export const unsubscribe: Command = {
  name: 'unsubscribe',
  writes: false,
  transacts: false,
  run(core, request, origin) {
    const channel = requireChannel(request);
    origin.channels.delete(channel);
    if (core.topics.unsubscribe(channel, origin)) core.listener.lastUnsubscription?.(channel);
    return undefined;
  },
};
