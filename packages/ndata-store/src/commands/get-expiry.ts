import type { Command } from './command.js';

/** In seconds since 1970. */
export const getExpiry: Command = {
  name: 'getExpiry',
  writes: false,
  run(core, request) {
    const at = core.expiry.get(request.keys);
    return at === undefined ? undefined : String(at / 1000);
  },
};
