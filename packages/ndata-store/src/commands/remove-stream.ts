import { requireChannel } from './checks.js';
import { storedFalse, storedTrue } from './command.js';
import type { Command } from './command.js';

/** The channel's next stream has a new epoch, so that whoever knows this one is told of the gap. */
export const removeStream: Command = {
  name: 'removeStream',
  writes: true,
  transacts: false,
  run: (core, request) => (core.streams.remove(requireChannel(request)) ? storedTrue : storedFalse),
};
