import { requireChannel } from './checks.js';
import type { Command } from './command.js';

/** Hot path. The payload is passed on as it came. */
export const publish: Command = {
  name: 'publish',
  writes: false,
  transacts: false,
  run(core, request) {
    const channel = requireChannel(request);
    const payload = request.payload();
    core.topics.publish({ channel, payload, offset: 0 });
    core.owner.published?.(channel, payload);
    return undefined;
  },
};
