import type { MetricsSource } from './exposition.js';
import type { MetricsReport } from './families.js';
import { LagHistogram } from './lag-histogram.js';

/** The metrics of this process itself: memory and event loop lag. Sampling starts with the first call of `source`. */
export class ProcessMetrics {
  readonly #lag = new LagHistogram();
  readonly #startedAt = Date.now() / 1_000 - process.uptime();
  #isSampling = false;
  #isStopped = false;

  /** Returns the metrics of this process together with the given report. */
  source(report: MetricsReport = {}, labels: MetricsSource['labels'] = {}): MetricsSource {
    if (!this.#isSampling && !this.#isStopped) this.#lag.start();
    this.#isSampling = true;
    const { rss, heapUsed } = process.memoryUsage();
    return {
      labels,
      values: {
        ...report,
        sc_process_start_time_seconds: Math.round(this.#startedAt),
        sc_process_resident_memory_bytes: rss,
        sc_process_heap_bytes: heapUsed,
        sc_process_event_loop_lag_seconds: this.#lag.snapshot(),
      },
    };
  }

  stop(): void {
    this.#isStopped = true;
    this.#lag.stop();
  }
}
