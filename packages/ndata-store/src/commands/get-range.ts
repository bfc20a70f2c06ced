import { entriesToJson, itemsToJson, listItems } from '../data/tree-node.js';
import { requireKeys } from './checks.js';
import type { DataCommand } from './command.js';
import { listRange, mapRange } from './range.js';

export const getRange: DataCommand = {
  name: 'getRange',
  writes: false,
  transacts: true,
  run(core, request) {
    requireKeys(request);
    const branch = core.tree.findBranch(request.keys);
    if (branch === undefined) return undefined;
    const items = listItems(branch);
    if (items !== undefined) return itemsToJson(items.slice(...listRange(request, items.length)));
    return entriesToJson(branch.isList ? [] : mapRange(request, branch.entries));
  },
};
