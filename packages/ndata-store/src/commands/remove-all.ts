import type { Command } from './command.js';

export const removeAll: Command = {
  name: 'removeAll',
  writes: true,
  run(core) {
    core.tree.clear();
    core.expiry.clear();
    return undefined;
  },
};
