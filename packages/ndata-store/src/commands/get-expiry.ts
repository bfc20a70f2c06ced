import type { DataCommand } from './command.js';

/** In seconds since 1970. */
export const getExpiry: DataCommand = {
  name: 'getExpiry',
  writes: false,
  transacts: true,
  run(core, request) {
    const at = core.expiry.get(request.keys);
    return at === undefined ? undefined : String(at / 1000);
  },
};
