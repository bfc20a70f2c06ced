import { itemsToJson } from '../data/tree-node.js';
import type { TreeNode } from '../data/tree-node.js';
import type { Tree } from '../data/tree.js';
import { requireKeys } from './checks.js';
import type { DataCommand } from './command.js';

/** Takes the last item, of a map the one added last. Answers with an array of one, or of none. */
export const pop: DataCommand = {
  name: 'pop',
  writes: true,
  transacts: true,
  run(core, request) {
    requireKeys(request);
    const removed = takeLast(core.tree, request.keys);
    return request.options['getValue'] === true ? itemsToJson(removed) : undefined;
  },
};

function takeLast(tree: Tree, keys: readonly string[]): TreeNode[] {
  const list = tree.findList(keys);
  if (list !== undefined) return list.items.length === 0 ? [] : tree.splice(list, list.items.length - 1, 1, []);
  const branch = tree.findBranch(keys);
  if (branch === undefined || branch.isList) return [];
  const last = [...branch.entries.keys()].at(-1);
  const node = last === undefined ? undefined : tree.remove([...keys, last]);
  return node === undefined ? [] : [node];
}
