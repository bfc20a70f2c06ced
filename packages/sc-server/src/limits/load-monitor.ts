import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Logger } from '../log/logger.js';

/** How busy the process was since the last measurement. */
export interface Load {
  /** How late the event loop was in nine of ten turns at most, in milliseconds: one long turn is no overload. */
  readonly lagMs: number;
  /** Share of the heap that may be used which is used, 0 to 1. */
  readonly heapShare: number;
}

export interface LoadMonitorSetting {
  /** 0 for no limit. */
  readonly maxLagMs: number;
  /** Percent; 0 for no limit. */
  readonly maxHeapPercent: number;
  readonly logger: Logger;
  /** Starts measuring; for tests. */
  readonly measure?: () => { readonly take: () => Load; readonly stop: () => void };
}

const checkEveryMs = 1_000;
/** One stall is no overload. */
const badChecks = 3;
const goodChecks = 2;
/** Hysteresis: the overloaded state is left only after a clear improvement, or it would be re-entered at once. */
const recovery = 0.8;

/** Says when a process should take no new clients, because those it has are served too late already. */
export class LoadMonitor {
  readonly #setting: LoadMonitorSetting;
  readonly #measurement: { readonly take: () => Load; readonly stop: () => void };
  readonly #timer: NodeJS.Timeout;
  #isOverloaded = false;
  #streak = 0;

  constructor(setting: LoadMonitorSetting) {
    this.#setting = setting;
    this.#measurement = (setting.measure ?? measureProcess)();
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

function measureProcess(): { take: () => Load; stop: () => void } {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return {
    take() {
      // Nanoseconds, the resolution included.
      const lagMs = Math.max(0, delay.percentile(90) / 1e6 - 20);
      delay.reset();
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      return { lagMs, heapShare: used / limit };
    },
    stop: () => void delay.disable(),
  };
}

/** `undefined` when both limits are lifted. */
export function createLoadMonitor(
  { maxEventLoopLag, maxHeapPercent }: { readonly maxEventLoopLag: number; readonly maxHeapPercent: number },
  logger: Logger,
): LoadMonitor | undefined {
  if (maxEventLoopLag === 0 && maxHeapPercent === 0) return undefined;
  return new LoadMonitor({ maxLagMs: maxEventLoopLag, maxHeapPercent, logger });
}
