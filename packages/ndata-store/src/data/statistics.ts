import type { ShardStatistics } from '../store/store.js';
import type { StoreCore } from '../core/store-core.js';

export function statisticsOf(core: StoreCore): ShardStatistics {
  return {
    keys: core.tree.root.size,
    expiries: core.expiry.size,
    memoryBytes: core.memoryBytes,
    channels: core.topics.size,
    streams: core.streams.size,
    members: core.members.size,
    commands: core.commandCount,
    isReadOnly: core.readOnly !== undefined,
    limitHits: core.limitHits.snapshot(),
  };
}
