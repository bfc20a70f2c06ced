import { requireKeys } from './checks.js';
import type { DataCommand } from './command.js';

export const unexpire: DataCommand = {
  name: 'unexpire',
  writes: true,
  transacts: true,
  run(core, request) {
    requireKeys(request);
    core.expiry.remove(request.keys);
    return undefined;
  },
};
