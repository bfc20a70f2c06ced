import { requireKeys, requireValueBytes } from './checks.js';
import type { DataCommand } from './command.js';

export const set: DataCommand = {
  name: 'set',
  writes: true,
  transacts: true,
  run(core, request) {
    const { keys, options } = request;
    requireKeys(request);
    requireValueBytes(core, request);
    const value = request.stored();
    core.tree.set(keys, value);
    const ttlMs = options['ttlMs'];
    if (typeof ttlMs === 'number') core.expiry.set(keys, core.now() + ttlMs);
    return options['getValue'] === true ? value : undefined;
  },
};
