import type { Command } from 'commander';
import type { SCClientSocket } from 'sc-client';
import { benchCheckCommand } from './bench-check.js';
import { addConnectionFlags, openSocket, type ConnectionFlags } from '../shared/connection.js';
import { examples } from '../shared/examples.js';
import { wholeNumber } from '../shared/numbers.js';
import type { Terminal } from '../terminal.js';

interface BenchFlags extends ConnectionFlags {
  readonly clients: number;
  readonly rate: number;
  readonly duration: number;
  readonly channel: string;
}

interface BenchResult {
  readonly clients: number;
  readonly connectsPerSecond: number;
  readonly published: number;
  readonly refused: number;
  readonly delivered: number;
  /** Expected deliveries: publications times clients. */
  readonly expected: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Number of connections opened in parallel. */
const connectsAtOnce = 50;
/** Time for the last publications to arrive. */
const settleMs = 5_000;

/** Adds `bench`. */
export function benchCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('bench')
    .summary('load a running server for some seconds')
    .description(
      'Connects clients that subscribe to one channel, publishes to it, and says how fast and how late. Only for a server of your own.',
    )
    .option('--clients <number>', 'how many', wholeNumber(1, 20_000), 100)
    .option('--rate <number>', 'publications a second', wholeNumber(1, 10_000), 50)
    .option('--duration <seconds>', 'how long to publish', wholeNumber(1, 3600), 5)
    .option('--channel <name>', 'where; clients must be allowed to publish there', 'sc-bench')
    .addHelpText('after', examples('sc bench', 'sc bench --clients 500 --rate 20 --channel wall'));
  addConnectionFlags(command).action(async (flags: BenchFlags) => {
    const result = await bench(flags, terminal);
    terminal.print(flags.json === true ? JSON.stringify(result) : describe(result));
  });
  benchCheckCommand(command, terminal);
}

async function bench(flags: BenchFlags, terminal: Terminal): Promise<BenchResult> {
  const sockets: SCClientSocket[] = [];
  try {
    const connecting = performance.now();
    while (sockets.length < flags.clients) {
      const size = Math.min(connectsAtOnce, flags.clients - sockets.length);
      const opened = await Promise.allSettled(Array.from({ length: size }, () => openSocket(flags, terminal)));
      for (const one of opened) if (one.status === 'fulfilled') sockets.push(one.value);
      for (const one of opened) if (one.status === 'rejected') throw one.reason;
    }
    const connectMs = performance.now() - connecting;
    terminal.say(`${sockets.length} clients are connected. Publishing for ${flags.duration} s …`);
    const load = await publish(sockets, flags);
    const connectsPerSecond = Math.round((sockets.length / connectMs) * 1000);
    return { clients: sockets.length, connectsPerSecond, ...load };
  } finally {
    for (const socket of sockets) socket.disconnect();
  }
}

async function publish(
  sockets: readonly SCClientSocket[],
  { channel, rate, duration }: BenchFlags,
): Promise<Omit<BenchResult, 'clients' | 'connectsPerSecond'>> {
  const latencies: number[] = [];
  const subscribed = sockets.map((socket) => {
    const own = socket.subscribe(channel);
    own.watch((data) => latencies.push(performance.now() - Number(data)));
    return new Promise<void>((resolve, reject) => {
      if (own.isSubscribed()) resolve();
      own.on('subscribe', () => resolve());
      own.on('subscribeFail', reject);
    });
  });
  await Promise.all(subscribed);
  const total = rate * duration;
  let refused = 0;
  let lastRefusal: unknown;
  const acks: Promise<void>[] = [];
  const began = performance.now();
  for (let sent = 0; sent < total; sent++) {
    await until(began + (sent * 1000) / rate);
    const socket = sockets[sent % sockets.length];
    const ack = Promise.resolve(socket?.publish(channel, String(performance.now()))).then(
      () => undefined,
      (error: unknown) => {
        refused += 1;
        lastRefusal = error;
      },
    );
    acks.push(ack);
  }
  await Promise.all(acks);
  if (refused === total) throw lastRefusal;
  const expected = (total - refused) * sockets.length;
  const deadline = performance.now() + settleMs;
  while (latencies.length < expected && performance.now() < deadline) await until(performance.now() + 20);
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0);
  const latencyMs = { p50: at(0.5), p99: at(0.99), max: at(1) };
  return { published: total - refused, refused, delivered: latencies.length, expected, latencyMs };
}

function until(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function describe({
  clients,
  connectsPerSecond,
  published,
  refused,
  delivered,
  expected,
  latencyMs,
}: BenchResult): string {
  return [
    `clients      ${clients}, ${connectsPerSecond} connected in a second`,
    `published    ${published}${refused === 0 ? '' : `, ${refused} refused`}`,
    `delivered    ${delivered} of ${expected}`,
    `latency      p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms, at most ${latencyMs.max} ms`,
  ].join('\n');
}
