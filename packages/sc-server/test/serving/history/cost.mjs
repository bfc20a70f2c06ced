// Measures what history costs, in CPU time and memory of this process; subscribers are in another one. Rounds with and without
// it alternate, and medians are printed, so that other load on the machine counts for both.
//
//   node --expose-gc test/serving/history/cost.mjs [--subscribers 200] [--publications 2000] [--rounds 9]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { NdataStore } from 'ndata-store';
import { WebSocket } from 'ws';
import { SCServer } from '../../../dist/index.js';

const { values } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '200' },
    publications: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '9' },
    port: { type: 'string' },
  },
});
const [subscribers, publications, rounds] = [values.subscribers, values.publications, values.rounds].map(Number);
const payload = JSON.stringify({ text: 'x'.repeat(120) });
/** The history that channels without a rule would have by default. */
const channels = { 'kept/*': { history: { size: 100, ageMs: 120_000 } } };
const kinds = ['plain', 'kept'];
const sink = { subscribed() {}, publication() {}, lost() {}, interrupted() {}, refused() {} };

if (values.port === undefined) await measure();
else await subscribe(Number(values.port));

async function measure() {
  const figures = {
    'CPU of a publish in the store, microseconds': await storeCost(),
    'memory of a publication in the store, bytes': await storeMemory(),
    ...(await serverCost()),
  };
  for (const [name, { plain, kept }] of Object.entries(figures)) {
    console.log(`${name}: ${plain.toFixed(2)} without history, ${kept.toFixed(2)} with it`);
  }
}

async function storeCost() {
  const store = new NdataStore({ channels });
  for (const kind of kinds) for (let i = 0; i < 100; i++) store.open(`${kind}/${i}`, sink, {});
  const result = await alternate(async (kind) => {
    const count = 2000;
    const before = process.cpuUsage();
    for (let i = 0; i < count; i++) await store.publishPayload(`${kind}/${i % 100}`, payload);
    return cpuSince(before) / count;
  });
  await store.close();
  return result;
}

async function storeMemory() {
  const result = {};
  for (const kind of kinds) {
    const store = new NdataStore({ channels });
    globalThis.gc?.();
    const before = memory();
    const count = 1000;
    for (let i = 0; i < count * 100; i++) await store.publishPayload(`${kind}/${i % count}`, payload);
    globalThis.gc?.();
    result[kind] = Math.max(0, memory() - before) / (count * 100);
    await store.close();
  }
  return result;
}

async function serverCost() {
  const store = new NdataStore({ channels });
  const scServer = await SCServer.listen(0, {
    store,
    authKey: 'x'.repeat(32),
    maxEventLoopLag: 0,
    maxPendingBytes: 2 ** 26,
  });
  const { port } = scServer.httpServer.address();
  const child = fork(new URL(import.meta.url), [...process.argv.slice(2), '--port', String(port)]);
  const ask = async (question) => {
    child.send(question);
    return (await once(child, 'message'))[0];
  };
  await once(child, 'message');
  const subscription = {};
  for (const kind of kinds) {
    globalThis.gc?.();
    const before = memory();
    const count = 20;
    await ask({ kind, channels: Array.from({ length: count }, (_, i) => `${kind}/own-${i}`) });
    globalThis.gc?.();
    subscription[kind] = (memory() - before) / (subscribers * count);
  }
  for (const kind of kinds) await ask({ kind, channels: [`${kind}/1`] });
  const fanOut = await alternate(async (kind) => {
    const before = process.cpuUsage();
    const all = ask({ kind, expect: publications });
    for (let i = 0; i < publications; i++) await scServer.exchange.publish(`${kind}/1`, { text: payload });
    await all;
    return cpuSince(before) / publications;
  });
  child.disconnect();
  await scServer.close();
  await store.close();
  return {
    [`CPU of a publication to ${subscribers} subscribers, microseconds`]: fanOut,
    'memory of a subscription, bytes': subscription,
  };
}

/** Runs in the other process: the clients. */
async function subscribe(port) {
  const sockets = [];
  let call = 1;
  let received = 0;
  let wanted = Infinity;
  let answered = () => undefined;
  for (let i = 0; i < subscribers; i++) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socketcluster/`);
    await once(socket, 'open');
    const features = ['position'];
    socket.send(JSON.stringify({ event: '#handshake', data: { authToken: null, features }, cid: call++ }));
    await once(socket, 'message');
    socket.on('message', (bytes) => {
      const text = bytes.toString();
      if (text === '') socket.send('');
      else received++;
      if (received >= wanted) answered();
    });
    sockets.push(socket);
  }
  process.send('connected');
  process.on('message', async ({ channels: names, expect }) => {
    received = 0;
    wanted = subscribers * (expect ?? names.length);
    const done = new Promise((resolve) => (answered = resolve));
    for (const channel of names ?? []) {
      for (const socket of sockets) {
        socket.send(JSON.stringify({ event: '#subscribe', data: { channel }, cid: call++ }));
      }
      // Within the rate of subscriptions.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await done;
    process.send('done');
  });
}

/** Medians of rounds that alternate. */
async function alternate(run) {
  const results = { plain: [], kept: [] };
  for (const kind of kinds) await run(kind);
  for (let round = 0; round < rounds; round++) {
    for (const kind of round % 2 === 0 ? kinds : [...kinds].reverse()) results[kind].push(await run(kind));
  }
  return { plain: median(results.plain), kept: median(results.kept) };
}

function cpuSince(before) {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function memory() {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

function median(values) {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
}
