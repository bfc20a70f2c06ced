import { Buffer } from 'node:buffer';
import type { Command } from './command.js';

/** Replaces the commands that run when this caller ends; no payload takes them back. */
export const setLastWill: Command = {
  name: 'setLastWill',
  writes: false,
  transacts: false,
  run(_core, request, caller) {
    caller.lastWill = request.payloadStart === request.end ? undefined : Buffer.from(request.payload());
    return undefined;
  },
};
