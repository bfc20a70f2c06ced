import { requireChannel } from './checks.js';
import type { Command } from './command.js';

/** Drops what is beyond the limits it is given, once; the stream keeps its own. */
export const trimStream: Command = {
  name: 'trimStream',
  writes: true,
  transacts: false,
  run(core, request) {
    const stream = core.streams.get(requireChannel(request));
    if (stream === undefined) return undefined;
    const { maxSize = Infinity, maxAgeMs = Infinity } = request.options;
    const limits = { maxSize: Number(maxSize), maxAgeMs: Number(maxAgeMs) };
    core.streams.change(stream, () => stream.trim(core.now(), limits));
    return undefined;
  },
};
