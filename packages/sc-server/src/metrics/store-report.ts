import type { ShardStatistics } from 'ndata-store';
import type { MetricsReport } from './families.js';

/** Returns the metrics of one store by metric name. */
export function reportOfStore(statistics: ShardStatistics): MetricsReport {
  return {
    sc_limit_hits_total: statistics.limitHits,
    sc_store_commands_total: statistics.commands,
    sc_store_publications_total: statistics.publications,
    sc_store_deliveries_total: statistics.deliveries,
    sc_store_memory_bytes: statistics.memoryBytes,
    sc_store_keys: statistics.keys,
    sc_store_streams: statistics.streams,
    sc_store_channels: statistics.channels,
    sc_store_members: statistics.members,
    sc_store_log_pending_bytes: statistics.logPendingBytes,
    sc_store_log_failures_total: statistics.logFailures,
    sc_store_read_only: Number(statistics.isReadOnly),
    sc_store_unconfirmed_orders: statistics.unconfirmedOrders,
  };
}
