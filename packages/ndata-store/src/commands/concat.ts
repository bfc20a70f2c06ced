import { addNode } from '../data/add-node.js';
import { ListBranch, closeNode, openNode } from '../data/tree-node.js';
import type { TreeNode } from '../data/tree-node.js';
import { requireKeys, requireValueBytes } from './checks.js';
import type { DataCommand } from './command.js';

/** An array adds its items, an object its keys, anything else itself. */
export const concat: DataCommand = {
  name: 'concat',
  writes: true,
  transacts: true,
  run(core, request) {
    requireKeys(request);
    requireValueBytes(core, request);
    const { tree } = core;
    const { keys } = request;
    const value = request.stored();
    const addition = openNode(value);
    const target = tree.find(keys);
    const items = addition?.isList === true ? addition.items : [value as TreeNode];
    if (target === undefined) {
      tree.set(keys, value);
    } else if (tree.findBranch(keys) === undefined) {
      tree.set(keys, new ListBranch([target, ...items]));
    } else if (addition === undefined || addition.isList) {
      const list = tree.findList(keys);
      if (list !== undefined) tree.append(list, items);
      else for (const item of items) addNode(tree, keys, item);
    } else {
      for (const [key, item] of addition.entries) tree.set([...keys, key], item);
    }
    return request.options['getValue'] === true ? closeNode(tree.find(keys) ?? value) : undefined;
  },
};
