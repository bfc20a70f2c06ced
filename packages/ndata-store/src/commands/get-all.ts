import { entriesToJson } from '../data/tree-node.js';
import type { DataCommand } from './command.js';

export const getAll: DataCommand = {
  name: 'getAll',
  writes: false,
  transacts: true,
  run: (core) => entriesToJson(core.tree.root),
};
