import { requireChannel } from './checks.js';
import type { Command } from './command.js';

export const unwatchMembers: Command = {
  name: 'unwatchMembers',
  writes: false,
  transacts: false,
  run(core, request, origin) {
    core.members.unwatch(requireChannel(request), origin);
    return undefined;
  },
};
