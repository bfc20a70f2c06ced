import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Pulse } from './messages.js';

const resolutionMs = 20;

/** Reports how this process is doing, every so often. Returns the way to end it. Does not keep the process alive. */
export function startPulse(intervalMs: number, report: (pulse: Pulse) => void): () => void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let before = performance.eventLoopUtilization();
  let dueAt = performance.now() + intervalMs;
  let pending: NodeJS.Immediate | undefined;
  let memory = { rss: 0, heapUsed: 0 };

  function measureMemory(): typeof memory {
    try {
      memory = process.memoryUsage();
    } catch {
      // The system tells it in a file, and this process may have opened all it can: what was true before has to do.
    }
    return memory;
  }

  function beat(lateMs: number): void {
    const now = performance.eventLoopUtilization();
    const { rss, heapUsed } = measureMemory();
    report({
      // The histogram measures the whole time between two samples, in nanoseconds. It misses a block right after a
      // reset; the lateness of our own timer shows that one.
      lagMs: Math.max(0, Math.round(delay.max / 1e6) - resolutionMs, lateMs),
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      utilization: performance.eventLoopUtilization(now, before).utilization,
    });
    before = now;
    delay.reset();
  }

  const timer = setInterval(() => {
    // After a block the histogram's own timer is due too. A reset before it has run would lose the block.
    const now = performance.now();
    pending = setImmediate(beat, Math.round(now - dueAt));
    dueAt = now + intervalMs;
  }, intervalMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    clearImmediate(pending);
    delay.disable();
  };
}
