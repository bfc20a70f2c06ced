/** Kind of a metric: a monotonic sum, a current state, or the distribution of a duration. */
export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricFamily {
  readonly type: MetricType;
  readonly help: string;
  /** The label that splits the metric, in addition to the labels of the process. */
  readonly label?: string;
}

/**
 * Every metric, in the order of `/metrics`; `docs/metrics.md` has a heading for each. Labels must not contain client
 * data: channels, users and addresses would create as many time series as there are clients.
 */
export const metricFamilies = {
  sc_accepted_connections_total: { type: 'counter', help: 'TCP connections that the public port accepted.' },
  sc_connections_total: { type: 'counter', help: 'WebSockets that were accepted.' },
  sc_handshakes_total: { type: 'counter', help: 'Handshakes of the protocol that were completed.' },
  sc_closes_total: { type: 'counter', help: 'WebSockets that were closed, by close code.', label: 'code' },
  sc_connecting: { type: 'gauge', help: 'WebSockets whose handshake is not complete.' },
  sc_clients: { type: 'gauge', help: 'Clients whose handshake is complete.' },
  sc_channels: { type: 'gauge', help: 'Channels with a subscriber in the process.' },
  sc_overloaded: { type: 'gauge', help: '1 while the process refuses new connections because it is too busy.' },
  sc_messages_received_total: { type: 'counter', help: 'Frames of the protocol that clients sent, without pongs.' },
  sc_messages_sent_total: { type: 'counter', help: 'Frames of the protocol that were queued for clients.' },
  sc_received_bytes_total: { type: 'counter', help: 'WebSocket bytes that clients sent.' },
  sc_sent_bytes_total: { type: 'counter', help: 'WebSocket bytes that were written to clients.' },
  sc_client_publications_total: {
    type: 'counter',
    help: 'Publications that clients sent, by outcome.',
    label: 'outcome',
  },
  sc_deliveries_total: { type: 'counter', help: 'Publications that were queued for a subscribed client.' },
  sc_calls_total: { type: 'counter', help: 'Calls of clients, by outcome.', label: 'outcome' },
  sc_outbound_calls_total: { type: 'counter', help: 'Calls of the server to clients, by outcome.', label: 'outcome' },
  sc_limit_hits_total: { type: 'counter', help: 'Times that a limit was reached, by limit.', label: 'limit' },
  sc_refusals_total: { type: 'counter', help: 'Requests of clients that were refused, by rule.', label: 'rule' },
  sc_catch_ups_total: {
    type: 'counter',
    help: 'Subscriptions that asked for what they had missed, by result.',
    label: 'result',
  },
  sc_lost_publications_total: { type: 'counter', help: 'Publications that did not reach the process from its stores.' },
  sc_unknown_gaps_total: { type: 'counter', help: 'Times that a channel may have lost publications.' },
  sc_link_losses_total: { type: 'counter', help: 'Times that the link to a store was lost.' },
  sc_stores_away: { type: 'gauge', help: 'Stores that the process cannot reach.' },
  sc_balancer_connections_total: { type: 'counter', help: 'Connections that a balancer took.' },
  sc_store_commands_total: { type: 'counter', help: 'Commands that a store ran.' },
  sc_store_publications_total: { type: 'counter', help: 'Publications that a store took.' },
  sc_store_deliveries_total: { type: 'counter', help: 'Publications that a store handed to a subscribed process.' },
  sc_store_memory_bytes: { type: 'gauge', help: 'Estimated size of the keys, values and streams of a store.' },
  sc_store_keys: { type: 'gauge', help: 'Root keys of a store.' },
  sc_store_streams: { type: 'gauge', help: 'Streams of a store.' },
  sc_store_channels: { type: 'gauge', help: 'Channels of a store with a subscribed process.' },
  sc_store_members: { type: 'gauge', help: 'Members of the channels of a store.' },
  sc_store_log_pending_bytes: { type: 'gauge', help: 'Bytes that wait to be written to the log of a store.' },
  sc_store_log_failures_total: { type: 'counter', help: 'Times that the log of a store could not be written.' },
  sc_store_read_only: { type: 'gauge', help: '1 while a store refuses writes because its log cannot be written.' },
  sc_store_unconfirmed_orders: { type: 'gauge', help: 'Orders that not every process has confirmed.' },
  sc_process_ready: { type: 'gauge', help: 'Ready processes of the slot: 0 while it is empty.' },
  sc_process_connections: { type: 'gauge', help: 'Open connections of a process to clients; of a store, to workers.' },
  sc_process_start_time_seconds: { type: 'gauge', help: 'Start time of the process, in seconds since 1970.' },
  sc_process_silent_seconds: { type: 'gauge', help: 'Time since the last message of the process to the supervisor.' },
  sc_process_restarts_total: { type: 'counter', help: 'Starts of a process in place of one that had crashed.' },
  sc_process_lost_reports_total: {
    type: 'counter',
    help: 'Processes that ended without a last report: at most a second of their counts is missing.',
  },
  sc_process_resident_memory_bytes: { type: 'gauge', help: 'Memory of the process.' },
  sc_process_heap_bytes: { type: 'gauge', help: 'JavaScript heap of the process in use.' },
  sc_process_event_loop_utilization_ratio: {
    type: 'gauge',
    help: 'Share of the last second in which the event loop was busy.',
  },
  sc_process_event_loop_lag_seconds: {
    type: 'histogram',
    help: 'How late the event loop ran a timer.',
    label: 'le',
  },
  sc_reloads_total: { type: 'counter', help: 'Reloads of the workers, by result.', label: 'result' },
  sc_log_entries_dropped_total: { type: 'counter', help: 'Log entries that were dropped because nobody read them.' },
  sc_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When the first certificate in use expires, in seconds since 1970.',
  },
} as const satisfies Readonly<Record<string, MetricFamily>>;

/** Names of the metrics. */
export type MetricName = keyof typeof metricFamilies;

/** A value, or a value for each value of the metric's own label. */
export type MetricValue = number | Readonly<Record<string, number>>;

/** The metrics that one process counts itself. */
export type MetricsReport = { readonly [Name in MetricName]?: MetricValue };

export function familyOf(name: MetricName): MetricFamily {
  return metricFamilies[name];
}

/** Reports whether a metric is summed over the successive processes of a slot. */
export function isSum(name: MetricName): boolean {
  return metricFamilies[name].type !== 'gauge';
}
