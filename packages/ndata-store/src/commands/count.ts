import { closeNode, listItems } from '../data/tree-node.js';
import type { DataCommand } from './command.js';

/** What counts as nothing, as it did in the original: null, false, 0 and the empty text. */
const nothings = new Set(['null', 'false', '0', '""', '\u0001']);

export const count: DataCommand = {
  name: 'count',
  writes: false,
  transacts: true,
  run(core, { keys }) {
    if (keys.length === 0) return String(core.tree.root.size);
    const node = core.tree.find(keys);
    if (node === undefined) return '0';
    const branch = core.tree.findBranch(keys);
    if (branch === undefined) return nothings.has(closeNode(node)) ? '0' : '1';
    return String(branch.isList ? branch.items.length : (listItems(branch)?.length ?? branch.entries.size));
  },
};
