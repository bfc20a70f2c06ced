import { requireChannel } from './checks.js';
import type { Command } from './command.js';

export const watchMembers: Command = {
  name: 'watchMembers',
  writes: false,
  transacts: false,
  run(core, request, origin) {
    core.members.watch(requireChannel(request), origin);
    return undefined;
  },
};
