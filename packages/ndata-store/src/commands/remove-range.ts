import { entriesToJson, itemsToJson } from '../data/tree-node.js';
import { requireKeys } from './checks.js';
import type { DataCommand } from './command.js';
import { listRange, mapRange } from './range.js';

/** Closes the gap in a list. */
export const removeRange: DataCommand = {
  name: 'removeRange',
  writes: true,
  transacts: true,
  run(core, request) {
    requireKeys(request);
    const { tree, expiry } = core;
    const { keys } = request;
    const wantsValue = request.options['getValue'] === true;
    const list = tree.findList(keys);
    if (list !== undefined) {
      const [from, to] = listRange(request, list.items.length);
      const removed = tree.splice(list, from, to - from, []);
      return wantsValue ? itemsToJson(removed) : undefined;
    }
    const branch = tree.findBranch(keys);
    if (branch === undefined || branch.isList) return undefined;
    const range = mapRange(request, branch.entries);
    for (const [key] of range) {
      tree.remove([...keys, key]);
      if (expiry.size > 0) expiry.removeBeneath([...keys, key]);
    }
    return wantsValue ? entriesToJson(range) : undefined;
  },
};
