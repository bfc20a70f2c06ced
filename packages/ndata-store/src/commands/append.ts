import { Stream } from '../data/streams.js';
import { requireChannel, requireFiniteOption } from './checks.js';
import type { Command } from './command.js';

/** Publishes, and keeps the publication in the channel's stream. Answers with its position. */
export const append: Command = {
  name: 'append',
  writes: true,
  transacts: false,
  run(core, request) {
    const channel = requireChannel(request);
    const limits = {
      maxSize: Math.max(1, requireFiniteOption(request, 'maxSize')),
      maxAgeMs: Math.max(1, requireFiniteOption(request, 'maxAgeMs')),
    };
    const now = core.now();
    let stream = core.streams.get(channel);
    if (stream === undefined) {
      stream = new Stream(`${core.storeId}-${++core.epochCount}`, limits);
      core.streams.add(channel, stream);
    }
    const kept = stream;
    kept.limits = limits;
    core.streams.change(kept, () => {
      kept.append(now, request.stored());
      kept.trim(now);
    });
    const { epoch, top: offset } = kept;
    const payload = request.payload();
    core.topics.publish({ channel, payload, offset });
    core.owner.published?.(channel, payload);
    return JSON.stringify({ epoch, offset });
  },
};
