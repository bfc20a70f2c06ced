import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { NdataClient, NdataServer } from 'ndata-store';

/**
 * Sets, expires, publishes and appends for some minutes and prints the heap size every 30 seconds, after a garbage
 * collection. Requires `node --expose-gc`. Server and clients share the process, so the heap includes both ends. Exits
 * with code 1 if the heap does not shrink to within 5 % of the baseline at the end.
 */
const minutes = Number(process.argv[2] ?? 10);
const folder = mkdtempSync(join(tmpdir(), 'store-soak-'));
const socketPath = join(folder, 'store.sock');
const channels = { 'stream *': { history: { size: 10, ageMs: 500 } } };
const server = new NdataServer({ socketPath, sweepIntervalMs: 100, channels });
await server.listen();
const publisher = new NdataClient({ socketPath });
const subscriber = new NdataClient({ socketPath });
let received = 0;
subscriber.onPayload = () => received++;
await subscriber.subscribe('soak');
const payload = Buffer.from('x'.repeat(100));
let operations = 0;

function heapMb(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
}

async function step(i: number): Promise<void> {
  const key = `key ${Math.floor(Math.random() * 100_000)}`;
  await publisher.set([key, 'value'], { i, text: 'x'.repeat(50) }, { ttlMs: 50 + (i % 200) });
  await publisher.expire([[key]], 0.2);
  await publisher.publishPayload('soak', payload);
  await publisher.publish(`stream ${i % 1000}`, i);
}

async function work(steps: number): Promise<void> {
  for (let i = 0; i < steps; i += 50) {
    await Promise.all(Array.from({ length: 50 }, () => step(operations++)));
  }
}

async function settled(): Promise<number> {
  // Streams outlive their last entry by twice `ageMs`.
  await wait(3000);
  return heapMb();
}

await work(50_000);
const baseline = await settled();
process.stdout.write(`baseline ${baseline.toFixed(2)} MB\n`);
const endAt = Date.now() + minutes * 60_000;
for (let next = Date.now(); Date.now() < endAt;) {
  await work(500);
  await wait(25);
  if (Date.now() < next) continue;
  process.stdout.write(`${operations} steps, ${received} publications, heap ${heapMb().toFixed(2)} MB\n`);
  next = Date.now() + 30_000;
}
const end = await settled();
const [statistics] = await publisher.statistics();
process.stdout.write(
  `at the end ${end.toFixed(2)} MB (baseline ${baseline.toFixed(2)} MB) after ${operations} steps\n`,
);
process.stdout.write(`${JSON.stringify(statistics)}\n`);
await Promise.all([publisher.close(), subscriber.close()]);
await server.close();
rmSync(folder, { recursive: true });
if (end > baseline * 1.05) process.exitCode = 1;
