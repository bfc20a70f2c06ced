import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Logger } from '../log/logger.js';

/** Load of the process since the last measurement. */
export interface Load {
  /** 90th percentile of the event loop delay, in milliseconds: a single long turn is not overload. */
  readonly lagMs: number;
  /** Used share of the heap limit, 0 to 1. */
  readonly heapShare: number;
}

export interface LoadMonitorSetting {
  /** 0 for no limit. */
  readonly maxLagMs: number;
  /** Percent; 0 for no limit. */
  readonly maxHeapPercent: number;
  readonly logger: Logger;
  /** Starts measuring; injected by tests. */
  readonly measure?: (maxLagMs: number) => Measurement;
}

interface Measurement {
  /** Returns the load since the previous call. */
  readonly take: () => Load;
  readonly stop: () => void;
}

const checkEveryMs = 1_000;
/** A single stall is not overload. */
const badChecks = 3;
const goodChecks = 2;
/** Hysteresis: the overloaded state is left only after a clear improvement, or it would be re-entered at once. */
const recovery = 0.8;

/** Decides when a process should refuse new clients, because its existing clients are already served too late. */
export class LoadMonitor {
  readonly #setting: LoadMonitorSetting;
  readonly #measurement: Measurement;
  readonly #timer: NodeJS.Timeout;
  #isOverloaded = false;
  #streak = 0;

  constructor(setting: LoadMonitorSetting) {
    this.#setting = setting;
    this.#measurement = (setting.measure ?? measureProcess)(setting.maxLagMs);
    this.#timer = setInterval(() => this.check(), checkEveryMs).unref();
  }

  get isOverloaded(): boolean {
    return this.#isOverloaded;
  }

  check(): void {
    const load = this.#measurement.take();
    const isOther = this.#isOverloaded ? !this.#isAbove(load, recovery) : this.#isAbove(load, 1);
    this.#streak = isOther ? this.#streak + 1 : 0;
    if (this.#streak < (this.#isOverloaded ? goodChecks : badChecks)) return;
    this.#streak = 0;
    this.#isOverloaded = !this.#isOverloaded;
    const { logger } = this.#setting;
    if (this.#isOverloaded) logger.warn('Overloaded: new connections are refused', load);
    else logger.info('New connections are accepted again', load);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#measurement.stop();
  }

  #isAbove({ lagMs, heapShare }: Load, factor: number): boolean {
    const { maxLagMs, maxHeapPercent } = this.#setting;
    const isLate = maxLagMs > 0 && lagMs > maxLagMs * factor;
    return isLate || (maxHeapPercent > 0 && heapShare * 100 > maxHeapPercent * factor);
  }
}

/** Sampling interval of the event loop delay. */
const resolutionMs = 20;

/**
 * Samples the event loop delay, but only if the loop was busy enough in the last second to be late: every sample wakes
 * the process, and an idle process should sleep.
 */
function measureProcess(maxLagMs: number): Measurement {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  const busyShare = leastBusyShare(maxLagMs);
  let before = performance.eventLoopUtilization();
  let isSampling = false;
  return {
    take() {
      // The percentile is in nanoseconds and includes the resolution.
      const lagMs = isSampling ? Math.max(0, delay.percentile(90) / 1e6 - resolutionMs) : 0;
      const now = performance.eventLoopUtilization();
      const isBusy = performance.eventLoopUtilization(now, before).utilization > busyShare;
      before = now;
      if (isBusy && !isSampling) delay.enable();
      if (!isBusy && isSampling) delay.disable();
      isSampling = isBusy;
      delay.reset();
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      return { lagMs, heapShare: used / limit };
    },
    stop: () => void delay.disable(),
  };
}

/**
 * Half of the minimum utilization of an overloaded loop, in which one of ten samples is late by the limit and the other
 * nine are 20 ms apart.
 */
function leastBusyShare(maxLagMs: number): number {
  return maxLagMs === 0 ? 1 : maxLagMs / (maxLagMs + 10 * resolutionMs) / 2;
}

/** Returns `undefined` if both limits are disabled. */
export function createLoadMonitor(
  { maxEventLoopLag, maxHeapPercent }: { readonly maxEventLoopLag: number; readonly maxHeapPercent: number },
  logger: Logger,
): LoadMonitor | undefined {
  if (maxEventLoopLag === 0 && maxHeapPercent === 0) return undefined;
  return new LoadMonitor({ maxLagMs: maxEventLoopLag, maxHeapPercent, logger });
}
