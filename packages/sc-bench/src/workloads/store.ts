import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { interleave } from '../measure/interleave.js';
import { cpuTimeNs, residentBytes } from '../measure/process-tree.js';
import type { ContenderName } from '../store/contender.js';
import { startServer } from '../store/store-server.js';
import type { BenchContext, Outcome, Workload } from './workload.js';

interface Task {
  /** The client's operation; see `store/client.ts`. */
  readonly kind: 'get' | 'set' | 'fan-out' | 'fill';
  readonly depth: number;
  readonly count: number;
}

interface Contender {
  readonly name: ContenderName;
  readonly title: string;
}

const contenders: readonly Contender[] = [
  { name: 'redis', title: 'redis-server, @redis/client' },
  { name: 'ndata-store', title: 'ndata-store' },
];

interface Run {
  /** CPU time of client and store together, in microseconds. */
  readonly cpuUs: number;
  readonly seconds: number;
  /** Growth of the store's resident memory. */
  readonly bytes: number;
}

/** Runs the task with a new store process and a new client process. */
async function run({ distDirectory }: BenchContext, name: ContenderName, task: Task): Promise<Run> {
  const server = await startServer(name);
  const clientArguments = [name, server.socketPath, task.kind, String(task.depth), String(task.count)];
  const client = fork(join(distDirectory, 'store', 'client.js'), clientArguments);
  try {
    await once(client, 'message');
    const memoryBefore = residentBytes([server.pid]);
    const cpuBefore = cpuTimeNs([server.pid]);
    client.send('go');
    const [done] = (await once(client, 'message')) as [{ cpuUs: number; ms: number }];
    const storeUs = (cpuTimeNs([server.pid]) - cpuBefore) / 1000;
    const bytes = residentBytes([server.pid]) - memoryBefore;
    client.send('go');
    await once(client, 'exit');
    return { cpuUs: storeUs + done.cpuUs, seconds: done.ms / 1000, bytes };
  } finally {
    client.kill();
    await server.stop();
  }
}

function compare(name: string, title: string, unit: string, task: Task, outcomeOf: (run: Run) => Outcome): Workload {
  return {
    name,
    title,
    async run(context) {
      const peers = await interleave(context, contenders, async (contender) =>
        outcomeOf(await run(context, contender.name, task)),
      );
      return { name, title, unit, reference: 'redis', peers, notes: ['CPU is that of client and store together.'] };
    },
  };
}

function speed(name: string, title: string, task: Task): Workload {
  return compare(name, title, 'operation', task, ({ cpuUs, seconds }) => ({
    sample: { cpuUs: cpuUs / task.count, perSecond: task.count / seconds },
  }));
}

function memory(keys: number): Workload {
  const task: Task = { kind: 'fill', depth: 64, count: keys };
  return compare(
    'store-memory',
    `A store with ${keys.toLocaleString('en')} small keys`,
    'operation',
    task,
    (filled) => ({
      sample: { cpuUs: filled.cpuUs / keys, bytesPerKey: filled.bytes / keys },
    }),
  );
}

/** Compares the store with Redis: Unix socket, no persistence, one client, values of 100 bytes. */
export const storeWorkloads: readonly Workload[] = [
  speed('store-set-1', 'Store: set, 1 in flight', { kind: 'set', depth: 1, count: 20_000 }),
  speed('store-get-1', 'Store: get, 1 in flight', { kind: 'get', depth: 1, count: 20_000 }),
  speed('store-set-64', 'Store: set, 64 in flight', { kind: 'set', depth: 64, count: 200_000 }),
  speed('store-get-64', 'Store: get, 64 in flight', { kind: 'get', depth: 64, count: 200_000 }),
  speed('store-fan-out-8-1', 'Store: publish to 8 links, 1 in flight', { kind: 'fan-out', depth: 1, count: 10_000 }),
  speed('store-fan-out-8-64', 'Store: publish to 8 links, 64 in flight', { kind: 'fan-out', depth: 64, count: 50_000 }),
  memory(1_000_000),
];
