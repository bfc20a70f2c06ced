import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Pulse } from './messages.js';

const resolutionMs = 20;

/** Reports how this process is doing, every so often. Returns the way to end it. Does not keep the process alive. */
export function startPulse(intervalMs: number, report: (pulse: Pulse) => void): () => void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { rss, heapUsed } = process.memoryUsage();
    report({
      // The histogram measures the whole time between two samples, in nanoseconds.
      lagMs: Math.max(0, Math.round(delay.max / 1e6) - resolutionMs),
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      utilization: performance.eventLoopUtilization(now, before).utilization,
    });
    before = now;
    delay.reset();
  }, intervalMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    delay.disable();
  };
}
