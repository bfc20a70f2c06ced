import { storedFalse, storedTrue } from './command.js';
import type { DataCommand } from './command.js';

export const hasKey: DataCommand = {
  name: 'hasKey',
  writes: false,
  transacts: true,
  run: (core, request) => (core.tree.find(request.keys) === undefined ? storedFalse : storedTrue),
};
