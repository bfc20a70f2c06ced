import { NoHandlerError } from 'sc-protocol';
import type { Command } from './command.js';

/** Calls a procedure of the store's controller. */
export const invoke: Command = {
  name: 'invoke',
  // What the procedure writes is told and kept command by command.
  writes: false,
  transacts: false,
  run(core, request) {
    if (core.procedures === undefined) throw new NoHandlerError('This store has no procedures');
    return core.procedures.invoke(request.name(), request.stored());
  },
};
