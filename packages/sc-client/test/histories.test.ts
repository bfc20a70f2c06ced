import { describe, expect, it } from '@jest/globals';
import { randomOf } from 'sc-testkit';
import { HistoryRecorder, checkHistory, describeHistory, type HistoryReport } from 'sc-protocol/history';
import { SCClientSocket } from '../src/socket.js';
import { VirtualTime } from './support/virtual-time.js';
import { type Fault, type StreamConnection, VirtualStream, streamPlatform } from './support/virtual-stream.js';

/** How many runs; `HISTORIES` and `SEED` in the environment change that. */
const count = Number(process.env['HISTORIES'] ?? 1000);
const firstSeed = Number(process.env['SEED'] ?? 1);

const names = ['ada', 'bob', 'eve'];

/** Clients publish and subscribe while connections are cut at any point and the store trims, restarts and loses the stream. */
async function run(seed: number, fault: Fault): Promise<HistoryReport> {
  const random = randomOf(seed);
  const time = new VirtualTime();
  const stream = new VirtualStream(time, random, fault);
  const recorder = new HistoryRecorder(() => time.now);
  const connections = new Map<string, StreamConnection>();
  const clients = names.map((name) => {
    const options = {
      authEngine: null,
      pingTimeoutDisabled: true,
      autoReconnectOptions: { initialDelay: 5, randomness: 40, maxDelay: 100 },
    };
    const socket = new SCClientSocket(
      options,
      streamPlatform(stream, (connection) => connections.set(name, connection)),
    );
    socket.on('error', () => {});
    const room = socket.channel('room');
    recorder.watch(name, room);
    room.subscribe();
    return { name, socket, room };
  });
  const one = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const publishes: Promise<void>[] = [];
  for (let step = 0; step < 40; step++) {
    const { name, room } = one(clients);
    const dice = random();
    if (dice < 0.6) publishes.push(recorder.publish(name, room));
    else if (dice < 0.85) connections.get(name)?.cut();
    else if (dice < 0.9) stream.trim();
    else if (dice < 0.97) stream.restart();
    else stream.lose();
    if (random() < 0.7) await time.pass(random() * 40);
  }
  await time.pass(20_000);
  // A client that misses the end of the stream notices it by what comes next.
  stream.isSpotty = false;
  for (let i = 0; i < 2; i++) {
    for (const { name, room } of clients) publishes.push(recorder.publish(name, room));
    await time.pass(5000);
  }
  await Promise.all(publishes);
  for (const { socket } of clients) socket.destroy();
  return checkHistory(recorder.log);
}

describe('any history of a channel', () => {
  it(
    'reaches every client once and in order, or the client is told',
    async () => {
      let recoveries = 0;
      for (let seed = firstSeed; seed < firstSeed + count; seed++) {
        const report = await run(seed, 'none');
        recoveries += report.recoveries;
        if (report.faults.length > 0) throw new Error(`Seed ${seed}: ${describeHistory(report)}`);
      }
      expect(recoveries).toBeGreaterThan(count);
    },
    Math.max(300_000, count * 200),
  );

  it.each<[Fault, keyof HistoryReport['counts']]>([
    ['repeats', 'duplicated'],
    ['lies', 'lost'],
  ])('shows a server that %s', async (fault, kind) => {
    let found = 0;
    for (let seed = 1; seed <= 40; seed++) found += (await run(seed, fault)).counts[kind];
    expect(found).toBeGreaterThan(0);
  });
});
