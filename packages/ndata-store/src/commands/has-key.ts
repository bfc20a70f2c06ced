import { storedFalse, storedTrue } from './command.js';
import type { Command } from './command.js';

export const hasKey: Command = {
  name: 'hasKey',
  writes: false,
  run: (core, request) => (core.tree.find(request.keys) === undefined ? storedFalse : storedTrue),
};
