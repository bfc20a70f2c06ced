import { StoreError } from 'sc-protocol';
import type { Command } from './command.js';

/** Runs a function that came as source text, if the operator allows it. */
export const run: Command = {
  name: 'run',
  writes: false,
  transacts: false,
  run(core, request) {
    if (!core.options.unsafeQueryFunctions || core.procedures === undefined) {
      throw new StoreError('This store runs no functions sent by clients', {
        remedy: 'Define a procedure in the store controller and invoke it.',
      });
    }
    return core.procedures.runSource(request.stored(), request.keys);
  },
};
