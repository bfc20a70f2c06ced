import { requireKeys } from './checks.js';
import type { Command } from './command.js';

/** Tells this caller of every write at, above or beneath the key chain. */
export const watch: Command = {
  name: 'watch',
  writes: false,
  transacts: false,
  run(core, request, caller) {
    requireKeys(request);
    core.watchers.add(request.keys, caller);
    return undefined;
  },
};
