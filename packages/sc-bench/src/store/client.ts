// Runs in its own process, so that the measured CPU time is that of the client only.
import { openLink } from './contender.js';
import type { ContenderName, StoreLink } from './contender.js';

const [name, socketPath, workload, depthText, countText] = process.argv.slice(2) as [
  ContenderName,
  string,
  'get' | 'set' | 'fan-out' | 'fill',
  string,
  string,
];
const depth = Number(depthText);
const count = Number(countText);
const value = 'x'.repeat(100);
const subscribers = 8;

/** Sends the message to the parent and waits for its reply. */
function meet(message: object): Promise<void> {
  return new Promise((resolve) => {
    process.once('message', () => resolve());
    process.send?.(message);
  });
}

/** Keeps `depth` operations in flight until `total` operations are done. */
async function keepInFlight(operation: (i: number) => Promise<unknown>, total: number): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < total) await operation(next++);
  };
  await Promise.all(Array.from({ length: depth }, lane));
}

async function prepare(link: StoreLink, links: StoreLink[]): Promise<(total: number) => Promise<void>> {
  if (workload === 'set') return (total) => keepInFlight((i) => link.set(`key:${i % 1000}`, value), total);
  if (workload === 'fill') return (total) => keepInFlight((i) => link.set(`key:${i}`, `value ${i}`), total);
  if (workload === 'get') {
    await keepInFlight((i) => link.set(`key:${i}`, value), 1000);
    return (total) => keepInFlight((i) => link.get(`key:${i % 1000}`), total);
  }
  let received = 0;
  let awaited = 0;
  let finish: () => void = () => undefined;
  for (let i = 0; i < subscribers; i++) {
    const subscriber = await openLink(name, socketPath);
    links.push(subscriber);
    await subscriber.subscribe('news', () => {
      if (++received === awaited) finish();
    });
  }
  return async (total) => {
    awaited = received + total * subscribers;
    const all = new Promise<void>((resolve) => (finish = resolve));
    await keepInFlight(() => link.publish('news', value), total);
    await all;
  };
}

const link = await openLink(name, socketPath);
const links = [link];
const run = await prepare(link, links);
// Warm up before the measurement, so that the JIT compiler has optimized the code.
await run(workload === 'fill' ? 0 : Math.ceil(count / 4));
await meet({ state: 'warm' });
const before = process.cpuUsage();
const beganAt = performance.now();
await run(count);
const { user, system } = process.cpuUsage(before);
await meet({ state: 'done', cpuUs: user + system, ms: performance.now() - beganAt });
await Promise.all(links.map((each) => each.close()));
process.disconnect();
