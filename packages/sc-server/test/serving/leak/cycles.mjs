// Connects, authenticates, subscribes, publishes and closes, over and over, and prints what stays behind. Run with
// --expose-gc, in a process of its own: what a test runner keeps must not count.
import { createServer } from 'node:http';
import { rawSocket } from 'sc-testkit';
import { SCServer } from '../../../dist/index.js';

const [cycles, rounds] = process.argv.slice(2).map(Number);
const silent = { error: console.error, warn: console.error, info() {}, debug() {} };
const scServer = SCServer.attach(createServer(), {
  authKey: 'a key of thirty-two bytes or more',
  sessions: true,
  connectionRate: 0,
  maxEventLoopLag: 0,
  logger: silent,
});
scServer.addMiddleware('subscribe', async () => {});
scServer.on('connection', (socket) => {
  socket.on('echo', (data, respond) => respond(null, data));
  socket.handle('ask', () => socket.invoke('question').catch(() => undefined));
});
await new Promise((resolve) => scServer.httpServer.listen(0, '127.0.0.1', resolve));
const url = `ws://127.0.0.1:${scServer.httpServer.address().port}/socketcluster/`;

async function cycle(number) {
  const token = await scServer.signAuthToken({ username: `user ${number}` });
  const raw = await rawSocket(url);
  await raw.handshake();
  await raw.call('#authenticate', token);
  await raw.call('#subscribe', [`channel ${number}`, 'all']);
  await raw.call('#publish', { channel: `channel ${number}`, data: number });
  await raw.call('echo', number);
  raw.sendFrame({ event: 'ask', cid: 1000 });
  if (number % 2 === 0) await raw.close();
  else raw.terminate();
}

async function run(count) {
  const width = 100;
  let next = 0;
  const lane = async () => {
    while (next < count) await cycle(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
  while (scServer.clientsCount > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function measure() {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    globalThis.gc();
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  const handles = process
    .getActiveResourcesInfo()
    .filter((name) => !/^(Immediate|TickObject)$/.test(name))
    .sort();
  return { bytes: heapUsed + external + arrayBuffers, handles, stats: scServer.stats() };
}

await run(cycles);
const before = await measure();
let last = before;
const bytesPerCycle = [];
for (let round = 0; round < rounds; round++) {
  await run(cycles);
  const now = await measure();
  bytesPerCycle.push((now.bytes - last.bytes) / cycles);
  last = now;
}
console.log(JSON.stringify({ before, after: last, bytesPerCycle }));
await scServer.close();
