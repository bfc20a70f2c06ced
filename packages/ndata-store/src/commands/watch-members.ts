import { requireChannel } from './checks.js';
import type { Command } from './command.js';

export const watchMembers: Command = {
  name: 'watchMembers',
  writes: false,
  transacts: false,
  run(core, request, caller) {
    core.members.watch(requireChannel(request), caller);
    return undefined;
  },
};
