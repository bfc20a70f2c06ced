import type { Tree } from './tree.js';
import { ListBranch, nextPlaceOf } from './tree-node.js';
import type { TreeNode } from './tree-node.js';

/**
 * Appends a node to the value at the chain. A value without keys becomes the first item of a new list. Returns the
 * index of the node.
 */
export function addNode(tree: Tree, keys: readonly string[], node: TreeNode): number {
  const target = tree.find(keys);
  if (target === undefined) {
    tree.set(keys, new ListBranch([node]));
    return 0;
  }
  const branch = tree.findBranch(keys);
  if (branch === undefined) {
    tree.set(keys, new ListBranch([target, node]));
    return 1;
  }
  const list = tree.findList(keys);
  if (list !== undefined) {
    tree.append(keys, list, [node]);
    return list.items.length - 1;
  }
  const next = branch.isList ? branch.items.length : nextPlaceOf(branch);
  tree.set([...keys, String(next)], node);
  return next;
}
