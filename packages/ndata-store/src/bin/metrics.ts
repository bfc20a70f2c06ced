import type { ShardStatistics } from '../core/statistics.js';

type Family = readonly [name: string, type: 'counter' | 'gauge', help: string, value: number];

/** Formats the statistics of a store as Prometheus text, with the metric names that a cluster uses for its stores. */
export function writeMetrics(statistics: ShardStatistics, clients: number): string {
  const families: readonly Family[] = [
    ['sc_store_clients', 'gauge', 'Connected clients, as workers.', clients],
    ['sc_store_commands_total', 'counter', 'Commands that a store ran.', statistics.commands],
    ['sc_store_publications_total', 'counter', 'Publications that a store took.', statistics.publications],
    [
      'sc_store_deliveries_total',
      'counter',
      'Publications that a store handed to a subscribed process.',
      statistics.deliveries,
    ],
    [
      'sc_store_memory_bytes',
      'gauge',
      'Estimated size of the keys, values and streams of a store.',
      statistics.memoryBytes,
    ],
    ['sc_store_keys', 'gauge', 'Root keys of a store.', statistics.keys],
    ['sc_store_streams', 'gauge', 'Streams of a store.', statistics.streams],
    ['sc_store_channels', 'gauge', 'Channels of a store with a subscribed process.', statistics.channels],
    ['sc_store_members', 'gauge', 'Members of the channels of a store.', statistics.members],
    [
      'sc_store_log_pending_bytes',
      'gauge',
      'Bytes that wait to be written to the log of a store.',
      statistics.logPendingBytes,
    ],
    [
      'sc_store_log_failures_total',
      'counter',
      'Times that the log of a store could not be written.',
      statistics.logFailures,
    ],
    [
      'sc_store_read_only',
      'gauge',
      '1 while a store refuses writes because its log cannot be written.',
      Number(statistics.isReadOnly),
    ],
    [
      'sc_store_unconfirmed_orders',
      'gauge',
      'Orders that not every process has confirmed.',
      statistics.unconfirmedOrders,
    ],
    ['process_resident_memory_bytes', 'gauge', 'Resident memory of the process.', process.memoryUsage.rss()],
    ['process_cpu_seconds_total', 'counter', 'CPU time of the process.', cpuSeconds()],
    ['process_start_time_seconds', 'gauge', 'Start of the process.', Math.round(Date.now() / 1_000 - process.uptime())],
  ];
  const limits = Object.entries(statistics.limitHits).map(
    ([limit, count]) => `sc_limit_hits_total{limit="${limit}"} ${count}`,
  );
  const lines = families.flatMap(([name, type, help, value]) => [...head(name, type, help), `${name} ${value}`]);
  const allLimits = [...head('sc_limit_hits_total', 'counter', 'Times that a limit was reached.'), ...limits];
  return `${[...lines, ...allLimits].join('\n')}\n`;
}

function head(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}
