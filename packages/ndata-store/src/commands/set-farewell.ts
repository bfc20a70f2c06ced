import { Buffer } from 'node:buffer';
import type { Command } from './command.js';

/** Replaces the commands that run when this origin ends; no payload takes them back. */
export const setFarewell: Command = {
  name: 'setFarewell',
  writes: false,
  transacts: false,
  run(_core, request, origin) {
    origin.farewell = request.payloadStart === request.end ? undefined : Buffer.from(request.payload());
    return undefined;
  },
};
