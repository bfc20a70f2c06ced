import { encodeStored, storedToJson } from '../values.js';
import { requireChannel } from './checks.js';
import type { Command } from './command.js';

/** Answers with `[[id, info], …]`, without an info where there is none, in the order they joined. */
export const members: Command = {
  name: 'members',
  writes: false,
  transacts: false,
  run(core, request) {
    const list = core.members.list(requireChannel(request));
    const pairs = list.map(([id, info]) => {
      const name = storedToJson(encodeStored(id));
      return info === '' ? `[${name}]` : `[${name},${storedToJson(info)}]`;
    });
    return `[${pairs.join(',')}]`;
  },
};
