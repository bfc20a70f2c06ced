import { requireChannel } from './checks.js';
import type { Command } from './command.js';

export const unwatchMembers: Command = {
  name: 'unwatchMembers',
  writes: false,
  transacts: false,
  run(core, request, caller) {
    core.members.unwatch(requireChannel(request), caller);
    return undefined;
  },
};
