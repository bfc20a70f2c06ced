import { InvalidArgumentsError, closeCodes } from 'sc-protocol';
import { ruleProblem, showValue } from 'sc-protocol/kit';
import type { SocketCore } from '../socket/socket-core.js';

/** Interval between two groups of closes. */
const stepMs = 50;

/** Closes sockets with a code, spread evenly over a time. Settles when each has been closed or has disconnected. */
export function closeSpread(
  cores: ReadonlySet<SocketCore>,
  overMs: number,
  code: number = closeCodes.goingAway,
): Promise<void> {
  // In connection order, which a set preserves.
  const waiting = [...cores];
  const startedAt = performance.now();
  let closed = 0;
  return new Promise((resolve) => {
    const timer = setInterval(step, stepMs);
    step();

    function step(): void {
      const share = overMs === 0 ? 1 : (performance.now() - startedAt) / overMs;
      const due = Math.min(waiting.length, Math.ceil(waiting.length * share));
      for (const core of waiting.slice(closed, due)) core.close(code);
      closed = due;
      if (closed < waiting.length && cores.size > 0) return;
      clearInterval(timer);
      resolve();
    }
  });
}

/** Throws `InvalidArgumentsError` for an invalid drain time. */
export function checkDrainTime(overMs: number): void {
  const problem = ruleProblem({ type: 'duration', allowZero: true }, overMs);
  if (problem === undefined) return;
  throw new InvalidArgumentsError(`The time of drain() ${problem}, got ${showValue(overMs)}`);
}
