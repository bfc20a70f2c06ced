import { NoHandlerError } from 'sc-protocol';
import type { Command } from './command.js';

/** Hands data to the store's controller, which answers. */
export const send: Command = {
  name: 'send',
  writes: false,
  transacts: false,
  run(core, request) {
    if (core.procedures === undefined) throw new NoHandlerError('Nobody listens to messages in this store');
    return core.procedures.message(request.stored());
  },
};
