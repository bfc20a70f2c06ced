import { LagHistogram } from '../../metrics/lag-histogram.js';
import type { Load, LoadMessage } from './messages.js';

const reportIntervalMs = 1_000;
/** Reports that would wait behind more messages than this are left out: the supervisor does not read. */
const maxPending = 1_000;

/**
 * Reports once a second what this process has to do and what it counts. Returns a function that stops it with a last report,
 * so that nothing counted is missing from the sums of the cluster.
 */
export function reportLoad(
  measure: () => Load,
  seat: { readonly pending: number; readonly send: (message: LoadMessage) => void },
): () => void {
  const lag = new LagHistogram();
  lag.start();
  const report = (isLast: boolean): void => {
    // Without a supervisor no process is left to count.
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
