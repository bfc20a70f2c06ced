import { requireKeys } from './checks.js';
import type { Command } from './command.js';

export const unexpire: Command = {
  name: 'unexpire',
  writes: true,
  run(core, request) {
    requireKeys(request);
    core.expiry.remove(request.keys);
    return undefined;
  },
};
