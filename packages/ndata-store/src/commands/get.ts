import { closeNode } from '../data/tree-node.js';
import type { DataCommand } from './command.js';

export const get: DataCommand = {
  name: 'get',
  writes: false,
  transacts: true,
  run(core, request) {
    const node = core.tree.find(request.keys);
    return node === undefined ? undefined : closeNode(node);
  },
};
