import { addNode } from '../data/add-node.js';
import { requireKeys, requireValueBytes } from './checks.js';
import type { DataCommand } from './command.js';

/** Answers with the place of the new value. */
export const add: DataCommand = {
  name: 'add',
  writes: true,
  transacts: true,
  run(core, request) {
    requireKeys(request);
    requireValueBytes(core, request);
    return String(addNode(core.tree, request.keys, request.stored()));
  },
};
