import { join } from 'node:path';
import { NdataClient, NdataClusterClient, shardOfName } from '../../src/index.js';
import { runStore } from './store-process.js';
import type { StoreProcess } from './store-process.js';
import { waitFor } from './wait-for.js';

export interface CrashReport {
  readonly rounds: number;
  readonly acknowledged: number;
  /** Writes that were acknowledged and not there afterwards. */
  readonly lost: number;
  /** How long before the kill the oldest of those was acknowledged. */
  readonly oldestLostMs: number;
  /** The longest time from the readiness line of a store until its subscriber was subscribed again. */
  readonly slowestReturnMs: number;
  /** The longest time that a call to another shard took meanwhile. */
  readonly slowestOtherMs: number;
}

/** Writes one key again and again with a number that grows. */
class Writer {
  readonly #key: string;
  /** The highest number for which the store has said that it has it. */
  acknowledged = 0;
  /** When each number was acknowledged; those before the last kill are forgotten. */
  acknowledgedAt = new Map<number, number>();
  #isDone = false;
  readonly done: Promise<void>;

  constructor(client: NdataClient, key: string) {
    this.#key = key;
    this.done = this.#run(client);
  }

  stop(): void {
    this.#isDone = true;
  }

  /** Compares with what the store has come back with. Returns how long before `killedAt` each lost write was acknowledged. */
  async check(client: NdataClient, killedAt: number): Promise<number[]> {
    const found = ((await client.get(this.#key)) as number | undefined) ?? 0;
    const lost = [...this.acknowledgedAt].filter(([number, at]) => number > found && at <= killedAt);
    return lost.map(([, at]) => killedAt - at);
  }

  async #run(client: NdataClient): Promise<void> {
    for (let number = 1; !this.#isDone; number++) {
      try {
        await client.set(this.#key, number);
        this.acknowledged++;
        this.acknowledgedAt.set(number, performance.now());
      } catch {
        // Its outcome is unknown; what counts is what was acknowledged.
      }
    }
  }
}

/**
 * Kills one of three stores under load, again and again, and looks at what it comes back with, how soon its subscriber is
 * back, and whether the other stores answer all the while.
 */
export async function crashRounds(folder: string, fsync: string, rounds: number): Promise<CrashReport> {
  const paths = ['a', 'b', 'c'].map((name) => join(folder, name, 's.sock'));
  const start = (path: string): Promise<StoreProcess> =>
    runStore(['--socket', path, '--persist', `${path}.data`, '--fsync', fsync]);
  const others = await Promise.all(paths.slice(1).map(start));
  let victim = await start(paths[0]!);
  const links = { reconnectDelayMs: 5, reconnectDelayMaxMs: 50 };
  const client = new NdataClient({ socketPath: paths[0]!, ...links });
  const cluster = new NdataClusterClient({ shards: paths.map((socketPath) => ({ socketPath })), ...links });
  const channels = Array.from({ length: 12 }, (_, i) => `channel ${i}`);
  await Promise.all(channels.map((channel) => cluster.subscribe(channel)));
  const writers = Array.from({ length: 20 }, (_, i) => new Writer(client, `key ${i}`));
  const prober = probeOthers(cluster);
  const lostAges: number[] = [];
  let slowestReturnMs = 0;
  for (let round = 0; round < rounds; round++) {
    // Each round at another moment of the load.
    const goals = writers.map((writer) => writer.acknowledged + 5 + (round % 7) * 3);
    await waitFor('writes', () => writers.every((writer, i) => writer.acknowledged >= goals[i]!), 30_000);
    victim.child.kill('SIGKILL');
    const killedAt = performance.now();
    await victim.exited;
    await waitFor('the loss', () => cluster.status()[0]!.state !== 'ready' && client.status()[0]!.state !== 'ready');
    victim = await start(paths[0]!);
    const backAt = performance.now();
    await waitFor('the subscriptions', () => channels.every((channel) => cluster.isSubscribed(channel)));
    slowestReturnMs = Math.max(slowestReturnMs, performance.now() - backAt);
    const reader = new NdataClient({ socketPath: paths[0]! });
    for (const writer of writers) lostAges.push(...(await writer.check(reader, killedAt)));
    await reader.close();
    for (const writer of writers) writer.acknowledgedAt = new Map();
  }
  for (const writer of writers) writer.stop();
  await Promise.all(writers.map((writer) => writer.done));
  const slowestOtherMs = await prober.stop();
  await Promise.all([client.close(), cluster.close()]);
  for (const each of [victim, ...others]) each.child.kill('SIGTERM');
  await Promise.all([victim, ...others].map((each) => each.exited));
  const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
  const oldestLostMs = Math.max(0, ...lostAges);
  return { rounds, acknowledged, lost: lostAges.length, oldestLostMs, slowestReturnMs, slowestOtherMs };
}

/** Calls the other shards all the time. `stop` answers with the longest time a call took, and rejects if one failed. */
function probeOthers(cluster: NdataClusterClient): { stop(): Promise<number> } {
  const shards = cluster.status().map(({ name }) => name);
  let isDone = false as boolean;
  let slowestMs = 0;
  const keys = Array.from({ length: 100 }, (_, i) => `probe ${i}`).filter((key) => shardOfName(key, shards.length) > 0);
  const run = (async () => {
    for (let i = 0; !isDone; i++) {
      const begunAt = performance.now();
      await cluster.set(keys[i % keys.length]!, i);
      slowestMs = Math.max(slowestMs, performance.now() - begunAt);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  return {
    stop: async () => {
      isDone = true;
      await run;
      return slowestMs;
    },
  };
}
