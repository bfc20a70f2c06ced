import { readFile } from 'node:fs/promises';
import type { Logger } from '../../log/logger.js';
import { statOf } from './process-info.js';

const lookIntervalMs = 60_000;

/**
 * Warns once when this process is the first of a container and has children that ended but were not reaped. Node reaps the
 * processes that it has started and no others, so processes that lose their parent stay in the process table.
 */
export function warnOfZombies(logger: Logger): () => void {
  if (process.pid !== 1) return () => undefined;
  let before: ReadonlySet<number> = new Set();
  const timer = setInterval(() => void look(), lookIntervalMs);
  timer.unref();

  async function look(): Promise<void> {
    const now = await zombiesOf(process.pid);
    // Node may be about to reap one that was not there before.
    const count = now.filter((pid) => before.has(pid)).length;
    before = new Set(now);
    if (count === 0) return;
    clearInterval(timer);
    logger.warn(
      `${count} processes that the application started have ended and are not reaped, because the cluster is process 1. Run an init process: docker run --init, tini, or shareProcessNamespace in Kubernetes`,
      { zombies: count },
    );
  }
  return () => clearInterval(timer);
}

/** The children of a process that have ended and were not reaped. None where the system does not tell. */
export async function zombiesOf(pid: number): Promise<readonly number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const pids = children.split(' ').filter(Boolean).map(Number);
  const states = await Promise.all(pids.map(async (child) => (await statOf(child))?.state));
  return pids.filter((_child, i) => states[i] === 'Z');
}
