import { requireKeys } from './checks.js';
import type { Command } from './command.js';

export const unwatch: Command = {
  name: 'unwatch',
  writes: false,
  transacts: false,
  run(core, request, caller) {
    requireKeys(request);
    core.watchers.remove(request.keys, caller);
    return undefined;
  },
};
