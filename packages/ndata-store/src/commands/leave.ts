import { requireMember } from './checks.js';
import type { Command } from './command.js';

export const leave: Command = {
  name: 'leave',
  writes: false,
  transacts: false,
  run(core, request, caller) {
    const [channel, member] = requireMember(request);
    core.members.leave(channel, member, caller);
    return undefined;
  },
};
