import { requireFiniteOption, requireKeys } from './checks.js';
import type { DataCommand } from './command.js';

/** The client sends one per key chain. A key chain that does not exist gets an expiry all the same, as ever. */
export const expire: DataCommand = {
  name: 'expire',
  writes: true,
  transacts: true,
  run(core, request) {
    requireKeys(request);
    core.expiry.set(request.keys, core.now() + requireFiniteOption(request, 'ttlMs'));
    return undefined;
  },
};
