import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** Health of a member, as reported by itself. */
export interface Heartbeat {
  /** The longest time the event loop was blocked since the previous heartbeat, in milliseconds. */
  readonly lagMs: number;
  /** Memory of the whole process, in bytes. */
  readonly rssBytes: number;
  /** JavaScript heap in use, in bytes. */
  readonly heapUsedBytes: number;
  /** Writes to stdout and stderr that the process has dropped since its start because its output was not read. */
  readonly droppedWrites: number;
  /** Share of time the event loop was busy since the previous heartbeat, 0 to 1. */
  readonly utilization: number;
}

/**
 * Time between two samples of the event loop delay, in milliseconds. Every sample wakes an idle process, so sample
 * rarely; a block shorter than this interval is measured only in part.
 */
const resolutionMs = 250;

/**
 * Reports the health of this process at every interval. Returns a function that stops the reports. Does not keep the
 * process alive.
 */
export function startHeartbeat(
  intervalMs: number,
  droppedWrites: () => number,
  report: (heartbeat: Heartbeat) => void,
): () => void {
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
      // On Linux this reads a file, which fails at the open file limit: keep the last value.
    }
    return memory;
  }

  function beat(lateMs: number): void {
    const now = performance.eventLoopUtilization();
    const { rss, heapUsed } = measureMemory();
    report({
      // The histogram measures the whole time between two samples, in nanoseconds. It misses a block right after a
      // reset; the lateness of this timer covers that case.
      lagMs: Math.max(0, Math.round(delay.max / 1e6) - resolutionMs, lateMs),
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      droppedWrites: droppedWrites(),
      utilization: performance.eventLoopUtilization(now, before).utilization,
    });
    before = now;
    delay.reset();
  }

  const timer = setInterval(() => {
    // After a block, the histogram's own timer is due, too. A reset before it has run would lose the block.
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

/** A monitored member. */
interface Watched {
  readonly state: string;
  /** Milliseconds since the member's last message. */
  readonly silentMs: number;
}

/** Checks every member at each interval. Calls `onSilent` for ready members that have been silent for too long. */
export function watchHeartbeats<M extends Watched>(options: {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly members: () => readonly M[];
  readonly onSilent: (member: M, silentMs: number) => void;
}): () => void {
  const { intervalMs, timeoutMs, now, members, onSilent } = options;
  let checkedAt = now();
  const timer = setInterval(() => {
    const before = checkedAt;
    checkedAt = now();
    // This process itself was blocked: messages of the members may be waiting to be read.
    if (checkedAt - before > 2 * intervalMs) return;
    for (const member of members()) {
      const { silentMs } = member;
      if (member.state === 'ready' && silentMs > timeoutMs) onSilent(member, silentMs);
    }
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
