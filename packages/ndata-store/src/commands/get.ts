import { closeNode } from '../core/tree-node.js';
import type { Command } from './command.js';

export const get: Command = {
  name: 'get',
  writes: false,
  run(core, request) {
    const node = core.tree.find(request.keys);
    return node === undefined ? undefined : closeNode(node);
  },
};
