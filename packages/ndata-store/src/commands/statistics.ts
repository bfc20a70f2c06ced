import type { Command } from './command.js';

export const statistics: Command = {
  name: 'statistics',
  writes: false,
  transacts: false,
  run: (core) =>
    JSON.stringify({
      keys: core.tree.root.size,
      expiries: core.expiry.size,
      memoryBytes: core.memoryBytes,
      channels: core.topics.size,
      streams: core.streams.size,
      members: core.members.size,
      commands: core.commandCount,
      isReadOnly: core.readOnly !== undefined,
    }),
};
