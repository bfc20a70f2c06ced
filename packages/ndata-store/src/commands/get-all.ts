import { entriesToJson } from '../core/tree-node.js';
import type { Command } from './command.js';

export const getAll: Command = {
  name: 'getAll',
  writes: false,
  run: (core) => entriesToJson(core.tree.root),
};
