import type { ServerStats } from '../limits/stats.js';
import { writeMetrics, type MetricsFormat } from './exposition.js';
import type { MetricsReport } from './families.js';
import { ProcessMetrics } from './process-metrics.js';
import type { ServerCounters } from './server-counters.js';

/** The metrics of one server and of its process. */
export class ServerMetrics {
  readonly #look: () => { readonly counters: ServerCounters; readonly stats: ServerStats };
  readonly #process = new ProcessMetrics();

  constructor(look: () => { readonly counters: ServerCounters; readonly stats: ServerStats }) {
    this.#look = look;
  }

  /** Returns the counts of the server by metric name. */
  report(): MetricsReport {
    const { counters, stats } = this.#look();
    return {
      sc_connections_total: counters.connections,
      sc_handshakes_total: counters.handshakes,
      sc_closes_total: { ...counters.closes },
      sc_connecting: stats.connecting,
      sc_clients: stats.clients,
      sc_channels: stats.channels,
      sc_overloaded: Number(stats.overloaded),
      sc_messages_received_total: counters.framesReceived,
      sc_messages_sent_total: counters.framesSent,
      sc_received_bytes_total: counters.bytesReceived,
      sc_sent_bytes_total: counters.bytesSent,
      sc_client_publications_total: { ...counters.publications },
      sc_deliveries_total: counters.deliveries,
      sc_calls_total: { ...counters.calls },
      sc_outbound_calls_total: { ...counters.outboundCalls },
      sc_limit_hits_total: stats.limitHits,
      sc_refusals_total: { ...counters.refusals },
      sc_catch_ups_total: { ...counters.catchUps },
      sc_lost_publications_total: stats.lostPublications,
      sc_unknown_gaps_total: stats.unknownGaps,
    };
  }

  write(format: MetricsFormat): string {
    return writeMetrics([this.#process.source(this.report())], format);
  }

  stop(): void {
    this.#process.stop();
  }
}
