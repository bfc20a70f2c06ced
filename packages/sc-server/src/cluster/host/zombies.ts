import { readFile } from 'node:fs/promises';
import type { Logger } from '../../log/logger.js';
import { statOf } from './process-info.js';

const lookIntervalMs = 60_000;

/**
 * Warns once if this process is process 1 of a container and has zombie children. Node reaps only processes that it
 * started, so orphaned processes stay in the process table.
 */
export function warnOfZombies(logger: Logger): () => void {
  if (process.pid !== 1) return () => undefined;
  let before: ReadonlySet<number> = new Set();
  const timer = setInterval(() => void look(), lookIntervalMs);
  timer.unref();

  async function look(): Promise<void> {
    const now = await zombiesOf(process.pid);
    // Ignore new ones: Node may be about to reap them.
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

/** Returns the zombie children of a process; empty if the system does not provide them. */
export async function zombiesOf(pid: number): Promise<readonly number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const pids = children.split(' ').filter(Boolean).map(Number);
  const states = await Promise.all(pids.map(async (child) => (await statOf(child))?.state));
  return pids.filter((_child, i) => states[i] === 'Z');
}
