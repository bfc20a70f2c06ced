import type { DataCommand } from './command.js';

export const removeAll: DataCommand = {
  name: 'removeAll',
  writes: true,
  transacts: true,
  run(core) {
    core.tree.clear();
    core.expiry.clear();
    return undefined;
  },
};
