import { StoreError } from 'sc-protocol';
import { closeNode } from '../data/tree-node.js';
import { decodeStored } from '../values.js';
import { requireFiniteOption, requireKeys } from './checks.js';
import type { DataCommand } from './command.js';

/** Nothing counts as 0. Answers with the new number. */
export const increment: DataCommand = {
  name: 'increment',
  writes: true,
  transacts: true,
  run(core, request) {
    requireKeys(request);
    const by = requireFiniteOption(request, 'by');
    const node = core.tree.find(request.keys);
    const before = node === undefined ? 0 : decodeStored(closeNode(node));
    if (typeof before !== 'number') throw new StoreError('Only a number can be incremented');
    const after = before + by;
    if (!Number.isFinite(after)) throw new StoreError('The number would be too large');
    const value = String(after);
    core.tree.set(request.keys, value);
    return value;
  },
};
