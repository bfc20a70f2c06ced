import { requireMember } from './checks.js';
import type { Command } from './command.js';

/** Makes a member of the channel, held by this caller. */
export const join: Command = {
  name: 'join',
  writes: false,
  transacts: false,
  run(core, request, caller) {
    const [channel, member] = requireMember(request);
    const graceMs = Number(request.options['graceMs'] ?? 0);
    core.members.join(channel, member, request.stored(), Number.isFinite(graceMs) ? graceMs : 0, caller);
    return undefined;
  },
};
