import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuTimeNs, residentBytes } from '../measure/process-tree.js';
import type { ContenderName } from './contender.js';
import { startServer } from './store-server.js';

interface Figures {
  /** Microseconds of CPU for each operation, client and store together. */
  readonly cpuUs: number;
  readonly clientUs: number;
  readonly perSecond: number;
}

interface Workload {
  readonly name: string;
  readonly kind: 'get' | 'set' | 'fan-out';
  readonly depth: number;
  readonly count: number;
  /** At most so much of Redis's CPU time. */
  readonly target: number;
}

const contenders: readonly ContenderName[] = ['redis', 'ndata-store'];
const workloads: readonly Workload[] = [
  { name: 'set, 1 in flight', kind: 'set', depth: 1, count: 20_000, target: 0.85 },
  { name: 'get, 1 in flight', kind: 'get', depth: 1, count: 20_000, target: 0.85 },
  { name: 'set, 64 in flight', kind: 'set', depth: 64, count: 200_000, target: 0.35 },
  { name: 'get, 64 in flight', kind: 'get', depth: 64, count: 200_000, target: 0.35 },
  { name: 'publish to 8 links, 1 in flight', kind: 'fan-out', depth: 1, count: 10_000, target: 0.5 },
  { name: 'publish to 8 links, 64 in flight', kind: 'fan-out', depth: 64, count: 50_000, target: 0.5 },
];
const clientPath = fileURLToPath(new URL('./client.js', import.meta.url));

async function measure(name: ContenderName, kind: string, depth: number, count: number) {
  const server = await startServer(name);
  const client = fork(clientPath, [name, server.socketPath, kind, String(depth), String(count)]);
  try {
    await once(client, 'message');
    const memoryBefore = residentBytes([server.pid]);
    const before = cpuTimeNs([server.pid]);
    client.send('go');
    const [done] = (await once(client, 'message')) as [{ cpuUs: number; ms: number }];
    const serverUs = (cpuTimeNs([server.pid]) - before) / 1000;
    const bytes = residentBytes([server.pid]) - memoryBefore;
    client.send('go');
    await once(client, 'exit');
    const figures: Figures = {
      cpuUs: (serverUs + done.cpuUs) / count,
      clientUs: done.cpuUs / count,
      perSecond: (count / done.ms) * 1000,
    };
    return { figures, bytes };
  } finally {
    await server.stop();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

async function compare(workload: Workload, rounds: number): Promise<void> {
  const table = new Map<ContenderName, Figures[]>(contenders.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, all] of table) {
      all.push((await measure(name, workload.kind, workload.depth, workload.count)).figures);
    }
  }
  const redis = median((table.get('redis') ?? []).map(({ cpuUs }) => cpuUs));
  for (const [name, all] of table) {
    const cpu = all.map(({ cpuUs }) => cpuUs);
    const ratio = median(cpu) / redis;
    const cells = [
      workload.name.padEnd(34),
      name.padEnd(12),
      `${median(cpu).toFixed(2)} µs`.padStart(10),
      `(${Math.min(...cpu).toFixed(2)} to ${Math.max(...cpu).toFixed(2)},`.padStart(18),
      `client ${median(all.map(({ clientUs }) => clientUs)).toFixed(2)})`.padEnd(15),
      `${Math.round(median(all.map(({ perSecond }) => perSecond)))}/s`.padStart(10),
      name === 'redis' ? '' : `${ratio.toFixed(2)} × (target ${workload.target})`,
    ];
    process.stdout.write(`${cells.join(' ')}\n`);
  }
}

async function compareMemory(): Promise<void> {
  const count = 1_000_000;
  for (const name of contenders) {
    const { bytes } = await measure(name, 'fill', 64, count);
    process.stdout.write(
      `1,000,000 small keys               ${name.padEnd(12)} ${Math.round(bytes / count)} bytes for each\n`,
    );
  }
}

const rounds = Number(process.argv[2] ?? 5);
const only = process.argv[3] ?? '';
for (const workload of workloads) if (workload.name.includes(only)) await compare(workload, rounds);
if ('memory'.includes(only)) await compareMemory();
