import { NdataStore } from 'ndata-store';

/** Sets, expires and publishes for some minutes, and prints the heap after each collection: `node --expose-gc`. */
const minutes = Number(process.argv[2] ?? 10);
const store = new NdataStore({ sweepIntervalMs: 100 });
let received = 0;
store.onPayload = () => received++;
await store.subscribe('soak');
const payload = Buffer.from('x'.repeat(100));

function heapMb(): string {
  globalThis.gc?.();
  return (process.memoryUsage().heapUsed / 1024 / 1024).toFixed(1);
}

async function work(rounds: number): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    const key = `key ${Math.floor(Math.random() * 100_000)}`;
    await store.set([key, 'value'], { i, text: 'x'.repeat(50) }, { ttlMs: 50 + (i % 200) });
    await store.expire([[key]], 0.2);
    await store.publishPayload('soak', payload);
    await store.append(`stream ${i % 1000}`, i, { maxSize: 10, maxAgeMs: 500 });
    if (i % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2000));
}

await work(50_000);
await settle();
const baseline = heapMb();
process.stdout.write(`baseline ${baseline} MB\n`);
const endAt = Date.now() + minutes * 60_000;
for (let next = Date.now(); Date.now() < endAt;) {
  await work(5000);
  if (Date.now() < next) continue;
  process.stdout.write(`${received} publications, heap ${heapMb()} MB\n`);
  next = Date.now() + 30_000;
}
await settle();
const [statistics] = await store.statistics();
process.stdout.write(`at the end ${heapMb()} MB (baseline ${baseline} MB), ${JSON.stringify(statistics)}\n`);
await store.close();
