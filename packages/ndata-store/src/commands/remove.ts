import { closeNode } from '../data/tree-node.js';
import { requireKeys } from './checks.js';
import type { DataCommand } from './command.js';

export const remove: DataCommand = {
  name: 'remove',
  writes: true,
  transacts: true,
  run(core, request) {
    requireKeys(request);
    const node = core.tree.remove(request.keys);
    if (core.expiry.size > 0) core.expiry.removeBeneath(request.keys);
    if (node === undefined || request.options['getValue'] !== true) return undefined;
    return closeNode(node);
  },
};
