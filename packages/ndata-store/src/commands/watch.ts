import { requireKeys } from './checks.js';
import type { Command } from './command.js';

/** Tells this origin of every write at, above or beneath the key chain. */
export const watch: Command = {
  name: 'watch',
  writes: false,
  transacts: false,
  run(core, request, origin) {
    requireKeys(request);
    core.watchers.add(request.keys, origin);
    return undefined;
  },
};
