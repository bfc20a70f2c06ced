import { LagHistogram } from '../../metrics/lag-histogram.js';
import type { Load, LoadMessage } from './messages.js';

const reportIntervalMs = 1_000;
/** Reports are skipped while more messages than this are pending: the supervisor does not read. */
const maxPending = 1_000;

/**
 * Reports the load and the metrics of this process once per second. Returns a function that stops with a last report,
 * so that the cluster's sums are complete.
 */
export function reportLoad(
  measure: () => Load,
  seat: { readonly pending: number; readonly send: (message: LoadMessage) => void },
): () => void {
  const lag = new LagHistogram();
  lag.start();
  const report = (isLast: boolean): void => {
    // Without a supervisor there is no process to report to.
    if (!process.connected || seat.pending > maxPending) return;
    const load = measure();
    const metrics = { ...load.metrics, sc_process_event_loop_lag_seconds: lag.snapshot() };
    seat.send({ type: 'load', load: { ...load, metrics }, ...(isLast && { isLast }) });
  };
  const timer = setInterval(() => report(false), reportIntervalMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    lag.stop();
    report(true);
  };
}
