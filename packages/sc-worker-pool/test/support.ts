import { fileURLToPath } from 'node:url';
import { afterEach } from '@jest/globals';
import { WorkerPool } from '../src/index.js';
import type { ExitReport, PoolEvents, PoolMember, WorkerPoolOptions } from '../src/index.js';

/** Instructions for the fixture member. */
export interface Behaviour {
  onStart?: 'throw' | 'exit' | 'hang';
  /** How long it takes to load before it does what `onStart` says. */
  loadMs?: number;
  /** Holds this many bytes of memory. */
  holdBytes?: number;
  onStop?: 'hang' | 'throw';
  ignoreSigterm?: boolean;
  crashAfterMs?: number;
  secret?: string;
  /** A file that gets a line when the member is told to stop. */
  stopLog?: string;
}
export type Order = { do: string } & Record<string, unknown>;
export type Reply = Record<string, unknown>;
export type TestPool = WorkerPool<Behaviour, Order, Reply>;

export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

const opened = new Set<TestPool>();

afterEach(async () => {
  await Promise.all([...opened].map((pool) => pool.stop()));
  opened.clear();
});

/** A pool of fixture members with short waits. It is stopped after the test. */
export function createPool(options: Partial<WorkerPoolOptions<Behaviour>> = {}): TestPool {
  const pool: TestPool = new WorkerPool<Behaviour, Order, Reply>({
    role: 'worker',
    entry: fixture('member.mjs'),
    count: 1,
    init: () => ({}),
    execArgv: [],
    backoff: { initialDelayMs: 10, jitter: 0 },
    ...options,
  });
  opened.add(pool);
  return pool;
}

/** Resolves with the details of the next event that the test is looking for. */
export function nextEvent<Name extends keyof PoolEvents<Order, Reply>>(
  pool: TestPool,
  event: Name,
  accept: (...details: PoolEvents<Order, Reply>[Name]) => boolean = () => true,
): Promise<PoolEvents<Order, Reply>[Name]> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      pool.off(event, listener);
      reject(new Error(`no ${event} event came`));
    }, 15_000);
    const listener = (...details: PoolEvents<Order, Reply>[Name]): void => {
      if (!accept(...details)) return;
      clearTimeout(deadline);
      pool.off(event, listener);
      resolve(details);
    };
    pool.on(event, listener);
  });
}

/** Resolves with the report of the next member that ends. */
export async function nextExit(pool: TestPool): Promise<ExitReport> {
  return (await nextEvent(pool, 'exit'))[0];
}

/** Sends an order and resolves with the next message. */
export async function ask(pool: TestPool, member: PoolMember<Order>, order: Order): Promise<Reply> {
  const reply = nextEvent(pool, 'message', (from) => from === member);
  member.send(order);
  return (await reply)[1];
}

/** Whether a process lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // ESRCH: there is no such process.
    return false;
  }
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
